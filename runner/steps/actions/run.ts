import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Verdict } from '../../../assertions/assertion.ts'
import { whyNotStarted } from '../../../assertions/parts/answer.ts'
import { parsePattern } from '../../../assertions/parts/pattern.ts'
import { shellArgv } from '../../../assertions/parts/shell.ts'
import { skipCodeSchema, whyUntried } from '../../../assertions/parts/skip-code.ts'
import { patternSchema } from '../../../assertions/parts/text-claims.ts'
import { whyCut } from '../../../assertions/parts/whole.ts'
import type { DeclaredCase, Step } from '../../lab/lab.ts'
import { durationSchema, line, nameSchema, text } from '../../lab/schema/schema-words.ts'
import { parseDuration } from '../../lab/text/duration.ts'
import { fillKept } from '../../lab/values/kept.ts'
import type { CommandResult } from '../../providers/provider.ts'
import { beginCase, outcomeOf, reportCase } from '../judge-case.ts'
import { keepScopeLog } from '../scope-context.ts'
import type { StepContext } from '../step-context.ts'
import { lastLine, renderTranscript } from '../transcript.ts'
import { type Action, nodeOf } from './action.ts'

/** Commands of a step. */
export interface Script {
  /** Shell commands, one or more lines. */
  readonly text: string
  readonly timeoutMs: number
  /** The exit code by which they say that this can't be tried here. */
  readonly skipCode?: number
  /** What to keep of what they print, by name: where a pattern is first found. */
  readonly keep?: Readonly<Record<string, string>>
}

/** The claim that the commands exit non-zero and print a text, or anything. */
export interface Refusal extends DeclaredCase {
  readonly refused: string | true
}

const keys = {
  run: text.describe('Shell commands, run as root on the node. A value that is no plain word is quoted for the shell.'),
  refused: z
    .union([line, z.literal(true)])
    .optional()
    .describe('The commands must fail, and print this text; true: whatever they print.'),
  'skip-code': skipCodeSchema
    .optional()
    .describe(
      'The exit code by which the commands say that this can not be tried here, as 4 of kselftests: this step and all ' +
        'after it are skipped, and the last line that was printed is the reason.',
    ),
  timeout: durationSchema.optional().describe('How long the commands may take. Default: 60s.'),
  keep: z
    .record(nameSchema, patternSchema)
    .optional()
    .describe(
      'What to keep of what the commands print on their standard output, as name: a regular expression. What it finds ' +
        'first, or its first group, stands for {{kept.name}} in commands, copied files and expectations from then on. ' +
        'That it finds nothing is an error.',
    ),
}

const defaultTimeoutMs = 60_000

/** What ping and arping say of packets that nobody answered: nothing has refused them. */
const noAnswer = /\b0 (?:packets )?received\b|\breceived 0 responses?\b|\b100% (?:packet loss|unanswered)/i

/**
 * Runs a step's commands by one shell that ends at the first that fails. That they are refused is a case of its own.
 */
export const run: Action<Script, z.output<z.ZodObject<typeof keys>>, Refusal> = {
  key: 'run',
  keys,
  needsNode: true,
  read({ run: commands, refused, 'skip-code': skipCode, timeout, keep }, { path, context, nameCase }) {
    const timeoutMs = (timeout === undefined ? undefined : parseDuration(timeout)) ?? defaultTimeoutMs
    const value = {
      ...{ text: commands, timeoutMs },
      ...(skipCode === undefined ? {} : { skipCode }),
      ...(keep === undefined ? {} : { keep }),
    }
    if (refused === undefined) return { value }
    const unanswered = refused !== true && noAnswer.test(refused)
    const claim = unanswered ? 'has no answer' : 'is refused'
    const refusal: Refusal = {
      caseName: nameCase(claim),
      claim,
      assertion: 'refused',
      wanted: refused === true ? 'refused' : unanswered ? `no answer: "${refused}"` : `refused with "${refused}"`,
      question: unanswered
        ? 'Will there be an answer? What will the command print?'
        : 'Will the command be accepted? If not, what will it print?',
      source: context.sourceOf(path),
      refused,
    }
    return { value, cases: [refusal] }
  },
  announce: ({ text: script }) => ({ script }),
  instead: (script, commands) => ({ ...script, text: commands }),
  texts: {
    of: ({ text: commands }) => [{ text: commands, path: ['run'] }],
    with: (script, _, commands) => ({ ...script, text: commands }),
  },
  async perform({ value, cases }, step, context) {
    const result = await runScript(value, cases.length > 0, step, context)
    if (result.timedOut) return `the commands had not ended after ${value.timeoutMs / 1000} s`
    if (result.exitCode === value.skipCode) return { why: whyUntried(result) }
    for (const refusal of cases) judgeRefusal(refusal, value, result, step, context)
    if (cases.length === 0 && result.exitCode !== 0)
      return `the commands ended with exit code ${result.exitCode}${lastLine(result.stderr)}`
    return keepValues(value, result, context.kept)
  },
}

/**
 * Runs the commands and emits what came of them. An output too long for the event is in a log, as far as there is room.
 */
async function runScript(
  { text: declared, timeoutMs, keep }: Script,
  isJudged: boolean,
  step: Step,
  context: StepContext,
): Promise<CommandResult> {
  const { nodes, folder, folderInResults, room, emit } = context
  const node = nodeOf(step)
  const script = fillKept(declared, context.kept, true)
  const log = `step-${String(step.index + 1).padStart(2, '0')}.log`
  const file = keepScopeLog(log, context)
  try {
    const result = await nodes.run(node, shellArgv(script), {
      timeoutMs,
      ...(isJudged || keep !== undefined ? { wholeIn: { folder, room } } : {}),
      onOutput: (_stream, chunk) => file.add(chunk),
    })
    const { exitCode, stdout, stderr, cut, durationMs } = result
    if (!cut) rmSync(join(folder, log), { force: true })
    // Whether it could be written is known only then.
    file.close()
    const lost = file.lostBytes === 0 ? {} : { lostBytes: file.lostBytes }
    const at = cut ? { log: join(folderInResults, log), ...lost } : {}
    emit({
      type: 'command-finished',
      step: step.index,
      node,
      command: script,
      exitCode,
      stdout,
      stderr,
      cut,
      ...at,
      durationMs,
    })
    return result
  } finally {
    file.close()
  }
}

/** The longest value that is kept, in characters. */
const maxKept = 4096

/** Keeps what a script is to keep. Returns words when that is not among what it printed. */
function keepValues({ keep = {} }: Script, result: CommandResult, kept: StepContext['kept']): string | undefined {
  const { stdout, cut } = result.whole ?? result
  for (const [name, pattern] of Object.entries(keep)) {
    const value = parsePattern(pattern).pick(stdout)
    const refuse = (cause: string) => `cannot keep ${name}: ${cause}`
    if (value === undefined)
      return refuse(`/${pattern}/ is not in what the commands printed${cut ? `; ${whyCut}` : ''}`)
    if (value.trim() === '') return refuse(`/${pattern}/ finds nothing but an empty text in what the commands printed`)
    if (value.length > maxKept) return refuse(`it is longer than ${maxKept} characters`)
    if (value.includes('\0')) return refuse('it has a character that no command line can have')
    kept.set(name, value)
  }
  return undefined
}

/** Judges that commands were refused. */
function judgeRefusal(refusal: Refusal, script: Script, result: CommandResult, step: Step, context: StepContext): void {
  const { exitCode, durationMs } = result
  const { stdout, stderr, cut } = result.whole ?? result
  const last = lastLine(stderr)
  const ended = `exit code ${exitCode}${last}`
  const judge = (): readonly [Verdict, string] => {
    if (exitCode === 0) return ['failed', 'the commands succeeded']
    const problem = whyNotStarted(result)
    if (refusal.refused === true) return problem === undefined ? ['passed', ended] : ['inconclusive', problem]
    if (`${stdout}\n${stderr}`.includes(refusal.refused)) return ['passed', ended]
    if (cut) return ['inconclusive', `exit code ${exitCode}; ${whyCut}`]
    return exitCode === 127 ? ['inconclusive', `a command is missing${last}`] : ['failed', ended]
  }
  const [verdict, found] = judge()
  const command = `[${nodeOf(step)}] $ ${script.text.trimEnd()}`
  const transcript = renderTranscript([{ command, answer: result }])
  beginCase(step, refusal, context)
  reportCase(step, refusal, { ...outcomeOf({ verdict, found }, context), transcript, durationMs }, context)
}
