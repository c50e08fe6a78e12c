import { z } from 'zod'
import type { Answer, Assertion, Conclusion } from './assertion.ts'
import { whyNotStarted } from './parts/answer.ts'
import { oneLine, quote, quoteApart } from './parts/appearance.ts'
import { durationForm, parseDuration } from './parts/duration.ts'
import { parseJson } from './parts/json-answer.ts'
import * as common from './parts/parameters.ts'
import { shellArgv } from './parts/shell.ts'
import { differences, renderWithNeighbours } from './parts/subset.ts'
import { judgeText, type TextFindings, textKeys } from './parts/text-claims.ts'
import { failed, inconclusive, passed } from './parts/verdict.ts'
import { whyCut } from './parts/whole.ts'

const defaultTimeoutMs = 30_000

const parameters = z
  .strictObject({
    on: common.nodeName.describe('The node that runs the command.'),
    command: z
      .string()
      .refine((text) => text.trim() !== '', { error: 'expected a command' })
      .describe('Shell commands. Only their standard output is judged: write 2>&1 to judge errors too.'),
    equals: z.string().optional().describe('The whole output, without the line ends and spaces around it.'),
    ...textKeys,
    'exit-code': z
      .union([z.int().min(0).max(255), z.literal('nonzero')])
      .optional()
      .describe('The exit code, 0 when left out; nonzero for a command that must fail.'),
    'skip-code': z
      .int()
      .min(1)
      .max(125)
      .optional()
      .describe(
        'The exit code by which the command says that this can not be tried here, as 4 of kselftests: the case is ' +
          'skipped, and the last line that was printed is the reason.',
      ),
    timeout: z
      .string()
      .refine((text) => parseDuration(text) !== undefined, { error: `expected ${durationForm}` })
      .optional()
      .describe('How long the command may take. Default: 30s.'),
    json: z.unknown().optional().describe('What the output, read as JSON, must hold; more may stand beside it.'),
  })
  .refine((wanted) => wanted['skip-code'] === undefined || wanted['skip-code'] !== wanted['exit-code'], {
    error: 'expected another skip-code than exit-code',
  })
  .refine(claimsSomething, { error: 'expected one of equals, contains, lacks, matches, exit-code, json' })

type Parameters = z.infer<typeof parameters>

/** What a command prints, for all that no other assertion knows of. */
export const output: Assertion<Parameters> = {
  description: 'A command on a node ends with an exit code and prints what is said here.',
  judgesCut: true,
  parameters,
  example: { on: 'host', command: 'sysctl -n net.ipv4.ip_forward', equals: '1' },
  claim: (wanted) => `"${oneLine(wanted.command)}" on ${wanted.on} ${claims(wanted).join(', ')}`,
  asksByName: true,
  question: (wanted) => {
    const command = `"${oneLine(wanted.command)}" on ${wanted.on}`
    if (wanted['exit-code'] === undefined) return `What will ${command} print?`
    const onlyCode = textClaims(wanted).length === 0
    return onlyCode
      ? `With which exit code will ${command} end?`
      : `What will ${command} print, and with which exit code will it end?`
  },
  references: ({ on }) => common.nodeReference(on, 'on'),
  defaultWithinMs: () => 5000,
  probe: (wanted) => [
    { kind: 'command', node: wanted.on, argv: shellArgv(wanted.command), timeoutMs: timeoutMsOf(wanted) },
  ],
  judge: (wanted, [answer]) => judgeOutput(wanted, answer),
}

function judgeOutput(wanted: Parameters, answer: Answer | undefined): Conclusion {
  if (answer === undefined) return inconclusive(`${wanted.on} was not asked to run the command`)
  if (answer.timedOut) return inconclusive(`the command on ${wanted.on} did not end in ${timeoutMsOf(wanted) / 1000} s`)
  if (answer.exitCode === wanted['skip-code']) return { verdict: 'skipped', found: reasonIn(answer) }
  const exitCode = wanted['exit-code'] ?? 0
  // Whoever names 126, 127 or that of a signal wants to see a command fail in just this way.
  const problem = typeof exitCode === 'number' && exitCode >= 126 ? undefined : whyNotStarted(answer)
  if (problem !== undefined) return inconclusive(`the command could not run on ${wanted.on}: ${problem}`)

  if (exitCode === 'nonzero' ? answer.exitCode === 0 : answer.exitCode !== exitCode) {
    return failed(`exit code ${answer.exitCode}, not ${exitCode}; it printed ${quote(answer.stderr || answer.stdout)}`)
  }
  const text = answer.stdout.trim()
  const json = wanted.json === undefined || answer.cut ? undefined : parseJson(answer)
  if (json?.ok === false) return inconclusive(json.why)
  const { mistakes, shown, unknown } = judgeAgainst(wanted, text, answer.cut)
  const missing = json === undefined ? [] : differences(wanted.json, json.value)
  const wrong = mistakes.length === 0 ? [] : [`the output ${shown} ${mistakes.join(', ')}`]
  const wrongJson = missing.length === 0 ? [] : [`the output as JSON: ${renderWithNeighbours(missing)}`]
  if (wrong.length + wrongJson.length > 0) return failed([...wrong, ...wrongJson].join('; '))
  if (wanted.lacks !== undefined && text === '' && answer.stderr.trim() !== '')
    return inconclusive(`it printed nothing but an error, ${quote(answer.stderr)}`)
  return unknown || (answer.cut && wanted.json !== undefined)
    ? inconclusive(`the command on ${wanted.on}: ${whyCut}`)
    : passed(`it printed ${shown}`)
}

const timeoutMsOf = ({ timeout }: Parameters): number =>
  (timeout === undefined ? undefined : parseDuration(timeout)) ?? defaultTimeoutMs

/** Why the command could not try what it is for, in its last words. */
function reasonIn({ exitCode, stdout, stderr }: Answer): string {
  const words = (stdout.trim() || stderr.trim()).split('\n').at(-1)?.trim()
  return words ? oneLine(words) : `it ended with exit code ${exitCode}, and printed nothing`
}

function judgeAgainst(wanted: Parameters, text: string, cut = false): TextFindings {
  const findings = judgeText(wanted, text, cut)
  const { equals } = wanted
  if (equals === undefined) return findings
  if (cut) return { ...findings, unknown: true }
  if (text === equals.trim()) return findings
  const [shown, other] = quoteApart(text, equals.trim())
  return { ...findings, shown, mistakes: [`is not ${other}`, ...findings.mistakes] }
}

const claims = (wanted: Parameters): readonly string[] => [
  ...(wanted['exit-code'] === undefined ? [] : [exitClaim(wanted['exit-code'])]),
  ...textClaims(wanted),
]

const exitClaim = (code: number | 'nonzero') => (code === 'nonzero' ? 'fails' : `exits with ${code}`)

const textClaims = (wanted: Parameters): readonly string[] => [
  ...(wanted.equals === undefined ? [] : [`prints ${quote(wanted.equals)}`]),
  ...(wanted.contains === undefined ? [] : [`prints ${quote(wanted.contains)} among its output`]),
  ...(wanted.lacks === undefined ? [] : [`does not print ${quote(wanted.lacks)}`]),
  ...(wanted.matches === undefined ? [] : [`prints what matches /${wanted.matches}/`]),
  ...(wanted.json === undefined ? [] : [`prints JSON that holds ${quote(JSON.stringify(wanted.json))}`]),
]

function claimsSomething(wanted: object): boolean {
  return ['equals', 'contains', 'lacks', 'matches', 'exit-code', 'json'].some((key) => Object.hasOwn(wanted, key))
}
