import type { Answer } from '../../assertions/assertion.ts'
import { commandsIn } from '../../assertions/parts/shell.ts'
import { shellLine } from '../host/shell-words.ts'

/** A command with what came of it. */
export interface TranscriptEntry {
  readonly command: string
  readonly answer: Answer
}

const entryLimit = 8 * 1024
const transcriptLimit = 32 * 1024

/** Commands with their output as a person at the node would have seen them; bounded. */
export const renderTranscript = (entries: readonly TranscriptEntry[]): string =>
  bounded(entries.map(renderEntry).join('\n'), transcriptLimit)

/** A command as it is shown: `[node] $ ping 10.0.3.78`; commands of the lab as that has them. */
export const renderCommand = (node: string, argv: readonly string[]) =>
  `[${node}] $ ${commandsIn(argv)?.trimEnd() ?? shellLine(argv)}`

function renderEntry({ command, answer }: TranscriptEntry) {
  const output = [answer.stdout, answer.stderr].map((text) => text.trimEnd()).filter((text) => text !== '')
  const end = answer.timedOut
    ? ['[ended: out of time]']
    : answer.exitCode === 0
      ? []
      : [`[exit code ${answer.exitCode}]`]
  return bounded([command, ...output, ...end].join('\n'), entryLimit)
}

/** Text with its middle taken out when it is longer than `limit` characters. */
export const bounded = (text: string, limit: number) =>
  text.length <= limit ? text : `${text.slice(0, limit / 2)}\n[…]\n${text.slice(-limit / 2)}`

/** The last line of a command's words as the end of a sentence; empty when there is none. */
export function lastLine(text: string): string {
  const line = text.trimEnd().split('\n').at(-1)?.slice(0, 300)
  return line ? `: ${line}` : ''
}
