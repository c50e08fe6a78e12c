import { z } from 'zod'
import { countSchema } from '../../../assertions/outage/outage.ts'
import { durationSchema, text } from '../../lab/schema/schema-words.ts'
import { eventKeys, oneOf } from '../events/index.ts'

const meanwhileSchema = z
  .strictObject({
    ...eventKeys,
    run: text.optional().describe('Shell commands, run as root on a node.'),
    on: z.string().optional().describe('The node on which the commands run.'),
    wait: durationSchema.optional().describe('Lets time pass: 2s.'),
    expect: z
      .array(z.unknown())
      .min(1, 'expected at least one expectation')
      .optional()
      .describe('What must be true meanwhile, as under the expect of a step: what follows waits until that is judged.'),
  })
  .refine(...oneOf([...Object.keys(eventKeys), 'run', 'wait', 'expect']))
  .refine(({ run, on }) => (run === undefined) === (on === undefined), 'expected run and on together')

const portSchema = z.number().int().min(1).max(65_535)

const requestsSchema = z
  .strictObject({
    from: z.string().describe('The node that asks.'),
    to: z.string().describe('The address of the server, or the node that declares it.'),
    tcp: portSchema
      .optional()
      .describe('Opens a connection to this port. The kernel answers that, also for a server that hangs.'),
    http: z
      .string()
      .regex(/^\/[!-~]*$/, 'expected a path, such as /index.html')
      .optional()
      .describe('Gets this path, such as /. A status of 500 and above is no answer.'),
    dns: z
      .string()
      .max(253)
      .regex(/^[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?$/, 'expected a name, such as www.example.org')
      .optional()
      .describe('Asks for the address of this name. That there is none is an answer, SERVFAIL and REFUSED are not.'),
    port: portSchema.optional().describe('The port for http and dns. Default: 80 and 53.'),
    every: durationSchema.optional().describe('The time between two requests, from 10ms to 1s. Default: 100ms.'),
  })
  .refine(...oneOf(['tcp', 'http', 'dns']))
  .refine(({ tcp, port }) => tcp === undefined || port === undefined, 'expected no port beside tcp, which is the port')

/** A stream that flows, or requests that are made, while events happen. */
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
      .optional()
      .describe('A stream of numbered UDP datagrams.'),
    requests: requestsSchema
      .optional()
      .describe(
        'Requests to a server, in place of a stream: made on schedule, whatever became of those before. One that is ' +
          'refused, reset, or takes more than 1 s is not answered; a gap is a time without an answer.',
      ),
    while: z
      .array(meanwhileSchema)
      .min(1, 'expected at least one event')
      .describe('What happens meanwhile: events, commands, waiting and expectations, in this order.'),
    within: durationSchema
      .optional()
      .describe('How long it may take to recover after the last event or expectation. Default: 10s.'),
    for: durationSchema
      .optional()
      .describe(
        'How long it is watched after the last event; once it has worked so long, it has recovered. Default: 1s.',
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
          .describe('The longest time without an arrival, or an answer, after the first event.'),
        recovers: z.boolean().optional().describe('Whether it works again at the end, as well as before.'),
        lost: countSchema.optional().describe('Datagrams that never arrived, or requests without an answer.'),
        duplicated: countSchema
          .optional()
          .describe('Datagrams that arrived more than once, counted without the first. Not of requests.'),
        gaps: countSchema
          .optional()
          .describe(
            'Times without an arrival of more than 100 ms, ten intervals, and half as long again as any before the events.',
          ),
      })
      .refine((value) => Object.keys(value).length > 0, 'expected longest-gap, recovers, lost, duplicated or gaps')
      .describe('What must be true of the outage. Each is a test case of its own.'),
  })
  .refine(...oneOf(['stream', 'requests']))
  .meta({
    description:
      'Measures, at the receiver, what a stream or requests suffer while events happen. Time in which the host let a ' +
      "machine wait may be the machine's or the network's: a claim that holds both with it and without it has passed, one that holds " +
      'in neither case has failed, and any other is inconclusive. Then run it again with less beside it.',
    examples: [
      {
        stream: { from: 'client', to: 'server' },
        while: [
          { link: { endpoint: 'client:eth1', state: 'down' } },
          { expect: [{ link: { on: 'server:eth1', has: { operstate: 'DOWN' } } }] },
          { link: { endpoint: 'client:eth1', state: 'up' } },
        ],
        expect: { 'longest-gap': { 'at-least': '150ms', 'at-most': '1s' }, recovers: true, lost: { 'at-most': 100 } },
      },
    ],
  })
