import { z } from 'zod'
import { countSchema } from '../../../assertions/outage/outage.ts'
import { durationSchema, text } from '../../lab/schema/schema-words.ts'
import { eventKeys, oneOf } from '../events/index.ts'

const meanwhileSchema = z
  .strictObject({
    ...eventKeys,
    run: text.optional().describe('Shell commands, run as root on a node.'),
    on: z.string().optional().describe('The node on which the commands run.'),
    wait: durationSchema.optional().describe('Lets the stream flow for a while: 2s.'),
  })
  .refine(...oneOf([...Object.keys(eventKeys), 'run', 'wait']))
  .refine(({ run, on }) => (run === undefined) === (on === undefined), 'expected run and on together')

/** A stream that flows while events happen. */
export const outageSchema = z
  .strictObject({
    stream: z
      .strictObject({
        from: z.string().describe('The node that sends.'),
        to: z.string().describe('The address to send to, or the node that declares it.'),
        at: z
          .union([z.string(), z.array(z.string()).min(1, 'expected at least one node')])
          .optional()
          .describe(
            'The nodes that may receive, when the address is of none or may move. Default: the node whose it is.',
          ),
        every: durationSchema.optional().describe('The time between two datagrams, from 1ms to 1s. Default: 10ms.'),
      })
      .describe('A stream of numbered UDP datagrams.'),
    while: z
      .array(meanwhileSchema)
      .min(1, 'expected at least one event')
      .describe('What happens while it flows: events, commands and waiting, in this order.'),
    within: durationSchema.optional().describe('How long it may take to recover after the last event. Default: 10s.'),
    for: durationSchema
      .optional()
      .describe(
        'How long it is watched after the last event; once it has flowed so long, it has recovered. Default: 1s.',
      ),
    expect: z
      .strictObject({
        'longest-gap': z
          .strictObject({
            'at-most': durationSchema.optional().describe('So long or less: 2s.'),
            'at-least': durationSchema.optional().describe('So long or more: 500ms.'),
          })
          .refine((value) => Object.keys(value).length > 0, 'expected at-most or at-least')
          .optional()
          .describe('The longest time without an arrival after the first event.'),
        recovers: z.boolean().optional().describe('Whether it flows again at the end, as well as before.'),
        lost: countSchema.optional().describe('Datagrams that never arrived.'),
        duplicated: countSchema
          .optional()
          .describe('Datagrams that arrived more than once, counted without the first.'),
        gaps: countSchema
          .optional()
          .describe(
            'Times without an arrival of more than 100 ms, ten intervals, and half as long again as any before the events.',
          ),
      })
      .refine((value) => Object.keys(value).length > 0, 'expected longest-gap, recovers, lost, duplicated or gaps')
      .describe('What must be true of the outage. Each is a test case of its own.'),
  })
  .meta({
    description:
      'Measures, at the receiver, what a stream suffers while events happen. Time in which the host let a machine wait ' +
      "may be the machine's or the network's: a claim that holds both with it and without it has passed, one that holds " +
      'in neither case has failed, and any other is inconclusive. Then run it again with less beside it.',
    examples: [
      {
        stream: { from: 'client', to: 'server' },
        while: [{ link: { endpoint: 'client:eth1', state: 'down' } }],
        expect: { 'longest-gap': { 'at-least': '150ms', 'at-most': '1s' }, recovers: true, lost: { 'at-most': 100 } },
      },
    ],
  })
