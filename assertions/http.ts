import { isIP } from 'node:net'
import { z } from 'zod'
import type { Answer, Assertion, Judgement, Probe, World } from './assertion.ts'
import { firstLine, whyNotStarted } from './parts/answer.ts'
import { tcpWaitMs } from './parts/answer-wait.ts'
import { quote } from './parts/appearance.ts'
import * as common from './parts/parameters.ts'
import { judgeText, type TextClaim, textKeys } from './parts/text-claims.ts'
import { failed, inconclusive, judged, whenNothingLeft } from './parts/verdict.ts'
import { whyNotSent, witnessed } from './parts/witness.ts'

const parameters = z
  .strictObject({
    from: common.nodeName.describe('The node that asks, by curl.'),
    url: z
      .string()
      .refine((text) => urlPattern.test(text), { error: 'expected a URL, as "http://10.0.7.10/"' })
      .describe(
        'What it asks for, by http or https. Its host is an address, a node that declares its address, or a name that the asking node can resolve. Redirects are not followed, certificates are not checked.',
      ),
    is: z
      .enum(['answered', 'refused', 'unanswered'])
      .default('answered')
      .describe('answered: by HTTP. refused: so says the other side, by TCP. unanswered: no connection comes about.'),
    status: z.int().min(100).max(599).optional().describe('The status of the answer, 200 when left out.'),
    header: z
      .record(z.string(), z.string())
      .optional()
      .describe('Headers of the answer with their whole values; it may have others.'),
    ...textKeys,
  })
  .refine(({ is, ...rest }) => is === 'answered' || !answerKeys.some((key) => rest[key] !== undefined), {
    path: ['is'],
    error: 'only an answer has a status, headers or text: leave these out, or is',
  })

const urlPattern = /^https?:\/\/(\[[\da-f:.]+\]|[^\s/:?#@[\]]+)(?::\d{1,5})?(?:[/?#]\S*)?$/i
const answerKeys = ['status', 'header', 'contains', 'lacks', 'matches'] as const

type Parameters = z.infer<typeof parameters>
type Outcome =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: readonly string[]; readonly body: string }
  | { readonly kind: 'refused' | 'unanswered' }
  /** The connection stood, but no whole answer came. */
  | { readonly kind: 'broken'; readonly why: string }
  | { readonly kind: 'no-way' | 'not-tried'; readonly why: string }

/** How a web server answers a node, or that it doesn't. */
export const http: Assertion<Parameters> = {
  description: 'A web server answers with a status, headers and text, refuses the connection, or nothing answers.',
  parameters,
  example: { from: 'client1', url: 'http://10.0.7.10/', contains: 'web1' },
  claim: ({ from, url, is, status = 200, header, ...text }) => {
    if (is !== 'answered') return `${from} ${is === 'refused' ? 'is refused by' : 'gets no answer from'} ${url}`
    const headers = Object.entries(header ?? {}).map(([name, value]) => `${name}: ${value}`)
    return `${from} gets ${[`${status} from ${url}`, ...headers, ...renderText(text)].join(', ')}`
  },
  question: ({ from, url }) => `What will ${from} get from ${url}?`,
  references: ({ from }) => common.nodeReference(from, 'from'),
  defaultWithinMs: ({ is }) => (is === 'unanswered' ? 0 : 5000),
  probe: (wanted, world) => [probeServer(wanted, world)],
  judge: judgeAnswer,
}

const renderText = ({ contains, lacks, matches }: TextClaim): readonly string[] => [
  ...(contains === undefined ? [] : [`with ${quote(contains)}`]),
  ...(lacks === undefined ? [] : [`without ${quote(lacks)}`]),
  ...(matches === undefined ? [] : [`matching /${matches}/`]),
]

/** How long an answer may take once the connection stands. */
const answerMs = 5000

/** Neither a file with options (-q) nor a proxy of the environment comes between; -v tells how far it came. */
function probeServer({ from, url, is }: Parameters, world: World): Probe {
  const ip = addressIn(url, world)
  const connectMs = tcpWaitMs(is === 'unanswered', ip, world)
  const maxMs = connectMs + answerMs
  const limits = ['--connect-timeout', `${connectMs / 1000}`, '--max-time', `${maxMs / 1000}`]
  const peer = ip === undefined ? [] : ['--connect-to', `::${common.isIpv6(ip) ? `[${ip}]` : ip}:`]
  const options = ['-q', '-v', '-s', '-S', '-g', '-k', '--noproxy', '*', ...limits, ...peer, url]
  const asked = { kind: 'command', node: from, typed: ['curl', ...peer, url], timeoutMs: maxMs + 5000 } as const
  if (is !== 'unanswered') return { ...asked, argv: ['curl', ...options] }
  const script = witnessed('curl "$@"', { own: world.addresses[from], tcp: true })
  return { ...asked, argv: ['sh', '-c', script, 'sh', ...options], silenceMs: connectMs }
}

/** The address of the URL's host; undefined for a name that the node has to resolve. */
function addressIn(url: string, world: World): string | undefined {
  const host = urlPattern.exec(url)?.[1]?.replaceAll(/[[\]]/g, '') ?? ''
  if (isIP(host) !== 0) return host
  return Object.hasOwn(world.addresses, host) ? world.addresses[host] : undefined
}

function judgeAnswer(wanted: Parameters, [answer]: readonly Answer[]): Judgement {
  const { from, url, is } = wanted
  if (answer === undefined) return inconclusive(`${from} was not asked to get ${url}`)
  const outcome = readOutcome(answer)
  switch (outcome.kind) {
    case 'no-way':
    case 'not-tried': {
      const found = `${from} could not try ${url}: ${outcome.why}`
      return whenNothingLeft(outcome.kind === 'no-way' && is !== 'unanswered', found)
    }
    case 'broken':
      return failed(`${from} connects to ${url}, but gets no whole answer: ${outcome.why}`)
    case 'refused':
      return judged(is === 'refused', `${from} is refused by ${url}`)
    case 'unanswered':
      return judged(is === 'unanswered', `${from} gets no answer from ${url}`)
    case 'answered': {
      const { mistakes, shown } = judgeText(wanted, outcome.body)
      const wrong = [...headerMistakes(wanted, outcome.headers), ...mistakes]
      const found = [`${from} gets ${outcome.status} from ${url} with ${shown}`, ...wrong].join(', ')
      return judged(is === 'answered' && outcome.status === (wanted.status ?? 200) && wrong.length === 0, found)
    }
  }
}

function headerMistakes({ header = {} }: Parameters, headers: readonly string[]): readonly string[] {
  return Object.entries(header).flatMap(([name, value]) => {
    const same = headers.filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    const values = same.map((line) => line.slice(name.length + 1).trim())
    if (values.includes(value)) return []
    return [
      values.length === 0 ? `without ${name}` : `${name} is ${values.map(quote).join(' and ')}, not ${quote(value)}`,
    ]
  })
}

/** Reads what curl -v reports: its own doings after "*", the lines of the answer after "<". */
function readOutcome(answer: Answer): Outcome {
  const { exitCode, stdout, stderr, timedOut } = answer
  const problem = timedOut ? 'the command did not end in time' : whyNotStarted(answer)
  if (problem !== undefined) return { kind: 'not-tried', why: problem }
  const message = /^curl: \(\d+\) (.*)$/m.exec(stderr)?.[1] ?? (firstLine(stderr) || `exit code ${exitCode}`)
  const lines = [...stderr.matchAll(/^< (.*?)\r?$/gm)].map(([, line = '']) => line)
  // Of several answers, as "100 Continue" and what follows it, the last counts.
  const start = lines.findLastIndex((line) => /^HTTP\/[\d.]+ \d{3}/.test(line))
  const status = Number(/ (\d{3})/.exec(lines[start] ?? '')?.[1])
  if (exitCode === 0)
    return start === -1
      ? { kind: 'not-tried', why: 'curl shows no answer' }
      : { kind: 'answered', status, headers: lines.slice(start + 1), body: stdout.trim() }
  if (/^\* Connected to /m.test(stderr)) return { kind: 'broken', why: message }
  if (/^\* connect to .* failed: Connection refused$/m.test(stderr)) return { kind: 'refused' }
  return readSilence(answer, message)
}

/** Reads why no connection came about. */
function readSilence({ exitCode, stdout, stderr }: Answer, message: string): Outcome {
  const tried = [...stderr.matchAll(/^\* +Trying \[?(\S+?)\]?:\d+\.\.\.$/gm)].map(([, ip = '']) => ip)
  const atOnce = [...stderr.matchAll(/^\* Immediate connect fail for .*: (.*)$/gm)].map(([, why = '']) => why)
  const [ip] = tried
  if (exitCode === 6) return { kind: 'no-way', why: message }
  if (ip !== undefined && tried.length === atOnce.length) return { kind: 'no-way', why: atOnce.join(', ') }
  const unsent = whyNotSent(stdout, ip ?? '', 1)
  if (unsent !== undefined) return { kind: 'not-tried', why: unsent }
  const isLost = exitCode === 28 || /^\* connect to .* failed: (?:No route to host|Connection timed out)$/m.test(stderr)
  return isLost && ip !== undefined ? { kind: 'unanswered' } : { kind: 'not-tried', why: message }
}
