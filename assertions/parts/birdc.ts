import { z } from 'zod'
import type { Answer, CommandProbe } from '../assertion.ts'
import { command, whyNotRun } from './answer.ts'
import { absolutePath } from './parameters.ts'

/** A name in BIRD's configuration. */
export const protocolName = z
  .string()
  .refine((text) => /^[A-Za-z_]\w*$/.test(text), { error: 'expected a name in BIRD\'s configuration, as "ospf1"' })

/** What all questions to BIRD may say. */
export const birdKeys = {
  socket: absolutePath.optional().describe("The control socket, for a BIRD that isn't the machine's service."),
}

/** What birdc printed below its greeting, or why it says nothing. */
export type BirdOutput =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unreadable'; readonly why: string }

/** Asks BIRD by birdc(8), which may change nothing (-r). */
export const birdProbe = (node: string, socket: string | undefined, question: string): CommandProbe =>
  command(node, 'birdc', '-r', ...(socket === undefined ? [] : ['-s', socket]), ...question.split(' '))

/** Reads what birdc printed; its exit code is 1 also for an answer such as "Network not found". */
export function readBird(answer: Answer | undefined): BirdOutput {
  if (answer === undefined) return { kind: 'unreadable', why: 'not asked' }
  const problem = whyNotRun(answer)
  if (problem !== undefined) return { kind: 'unreadable', why: problem }
  const { stdout, stderr } = answer
  const unconnected = /^Unable to connect to server.*$/m.exec(`${stdout}\n${stderr}`)
  if (unconnected !== null) return { kind: 'unreadable', why: unconnected[0] }
  if (!/^BIRD \S+ ready\.$/m.test(stdout)) return { kind: 'unreadable', why: stderr.trim() || 'birdc printed nothing' }
  return { kind: 'text', text: stdout.replace(/^BIRD \S+ ready\.\n(?:Access restricted\n)?/, '') }
}
