import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Answer, Conclusion, World } from '../../assertions/assertion.ts'
import { assertions } from '../../assertions/index.ts'
import { machineryError } from '../errors.ts'

/** What a judgement is made of: data alone. */
export interface Judging {
  readonly assertion: string
  readonly parameters: unknown
  readonly answers: readonly Answer[]
  readonly world: World
}

/** So many characters are judged at once: the slowest pattern known takes 0.3 s of a processor for them. */
const atOnce = 64 * 1024
/** That pattern takes as long for 9 million characters; all usual ones are done. */
const limitMs = 30_000

/**
 * Judges answers. Long ones are judged in a thread, while this one goes on; what takes too long there is inconclusive.
 * @throws the signal's reason when aborted
 */
export async function judgeAnswers(judging: Judging, signal: AbortSignal, timeoutMs = limitMs): Promise<Conclusion> {
  const length = judging.answers.reduce((sum, { stdout, stderr }) => sum + stdout.length + stderr.length, 0)
  if (length <= atOnce) return judge(judging)
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<Conclusion>()
  const worker = new Worker(new URL(`judge-thread${extname(import.meta.filename)}`, import.meta.url), {
    workerData: judging,
  })
  worker.once('message', resolve).once('error', reject)
  const found = `${length} characters were printed, of which the claim could not be judged within ${timeoutMs / 1000} s`
  const timer = setTimeout(() => resolve({ verdict: 'inconclusive', found }), timeoutMs)
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    await worker.terminate()
  }
}

/** Judges answers here and now. @throws WirelabError of kind machinery for an assertion that there is not */
export const judge = ({ assertion, parameters, answers, world }: Judging): Conclusion =>
  assertionNamed(assertion).judge(parameters, answers, world)

/** The assertion of that name. @throws WirelabError of kind machinery when there is none */
export function assertionNamed(name: string): (typeof assertions)[string] {
  const assertion = assertions[name]
  if (!assertion) throw machineryError(`cannot judge a claim: there is no assertion ${name}`)
  return assertion
}
