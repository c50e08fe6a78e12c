import type { z } from 'zod'
import type { Answer, CommandProbe } from '../assertion.ts'
import { command, firstLine } from './answer.ts'
import { parseJson } from './json-answer.ts'
import { whyUnreadable } from './listing.ts'
import { absolutePath } from './parameters.ts'

/** What all questions to FRR may say. */
export const frrKeys = {
  socket: absolutePath
    .optional()
    .describe("The folder of FRR's vty sockets, for daemons that aren't the machine's service."),
}

/** What a daemon of FRR printed, or why it says nothing. */
export type FrrOutput<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'unreadable'; readonly why: string }

/** Asks FRR by vtysh(1) for JSON; the socket is the folder in which its daemons have theirs. */
export const frrProbe = (node: string, socket: string | undefined, question: string): CommandProbe =>
  command(node, 'vtysh', ...(socket === undefined ? [] : ['--vty_socket', socket]), '-c', `${question} json`)

/** Reads what vtysh printed. A daemon that doesn't run, and a VRF that isn't there, have no value of this shape. */
export function readFrr<T>(schema: z.ZodType<T>, answer: Answer | undefined): FrrOutput<T> {
  const problem = whyUnreadable(answer)
  if (answer === undefined || problem !== undefined) return { kind: 'unreadable', why: problem ?? 'not asked' }
  const json = parseJson(answer)
  if (!json.ok) return { kind: 'unreadable', why: firstLine(answer.stdout) || json.why }
  const value = schema.safeParse(json.value)
  if (value.success) return { kind: 'value', value: value.data }
  return {
    kind: 'unreadable',
    why: `vtysh printed other JSON than is known: ${answer.stdout.replaceAll(/\s+/g, '').slice(0, 80)}`,
  }
}
