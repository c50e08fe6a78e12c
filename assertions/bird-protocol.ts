import { z } from 'zod'
import type { Assertion, Judgement } from './assertion.ts'
import { birdKeys, birdProbe, protocolName, readBird } from './parts/birdc.ts'
import * as common from './parts/parameters.ts'
import { phrase } from './parts/phrase.ts'
import { failed, inconclusive, judged } from './parts/verdict.ts'

const parameters = z.strictObject({
  on: common.nodeName.describe('The node on which BIRD runs.'),
  protocol: protocolName.describe("The protocol's name in BIRD's configuration."),
  is: z.enum(['up', 'start', 'down']).default('up').describe('Its state, the fourth column of "show protocols".'),
  info: z.string().min(1).optional().describe('Text in the last column, as Established or Running.'),
  ...birdKeys,
})

type Parameters = z.infer<typeof parameters>

/** Whether a protocol of BIRD is up. */
export const birdProtocol: Assertion<Parameters> = {
  description: 'A protocol of the BIRD routing daemon is up, starting or down.',
  parameters,
  example: { on: 'r1', protocol: 'ospf1', info: 'Running' },
  claim: ({ on, protocol, is, info }) => `BIRD's ${protocol} on ${on} is ${is}${phrase(', ', info)}`,
  question: ({ on, protocol }) => `In which state will BIRD's ${protocol} on ${on} be?`,
  references: ({ on }) => common.nodeReference(on, 'on'),
  defaultWithinMs: () => 5000,
  probe: ({ on, protocol, socket }) => [birdProbe(on, socket, `show protocols ${protocol}`)],
  judge: (wanted, [answer]) => {
    const output = readBird(answer)
    if (output.kind === 'unreadable') return inconclusive(`BIRD on ${wanted.on}: ${output.why}`)
    return judgeProtocol(wanted, output.text)
  },
}

function judgeProtocol({ on, protocol, is, info }: Parameters, text: string): Judgement {
  // An unknown name is a syntax error to birdc 2.0, and "not a protocol" to later ones.
  if (/^syntax error|is not a protocol|^No such protocol/m.test(text)) {
    return failed(`BIRD on ${on} has no protocol ${protocol}`)
  }
  const row = text.split('\n').find((line) => line.startsWith(`${protocol} `))
  const [, , , state, ...rest] = row?.split(/\s+/) ?? []
  if (row === undefined || state === undefined) return inconclusive(`BIRD on ${on} does not show ${protocol}`)
  // "Since" is a time, or a date and a time; the info is what stands behind.
  const detail = rest
    .join(' ')
    .replace(/^(?:\d{4}-\d\d-\d\d ?)?(?:[\d:.]+ ?)?/, '')
    .trim()
  const found = `BIRD's ${protocol} on ${on} is ${state}${detail === '' ? '' : `, ${detail}`}`
  return judged(state === is && (info === undefined || detail.includes(info)), found)
}
