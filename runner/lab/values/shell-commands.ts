import { shellMarks } from './shell-context.ts'

/** A complete command of a shell script: one that may be left out and what is left is still a script. */
export interface ShellCommand {
  /** Offsets in the script. */
  readonly start: number
  readonly end: number
  readonly text: string
  /**
   * Its simple commands, as far as they are written out: quotes are kept, what is in parentheses is not looked into.
   */
  readonly simple: readonly string[]
  /** The files that its output goes to. */
  readonly writes: readonly string[]
}

/**
 * The complete commands of a POSIX shell script, in order. A loop, a condition, a function, a pipe, a line that is
 * continued and a command with its here-document are one each; comments are none.
 */
export function shellCommands(script: string): readonly ShellCommand[] {
  const marks = shellMarks(script)
  const isBare = (offset: number) => marks[offset]?.context === 'bare' && marks[offset]?.depth === 0
  const bare = script
    .split('')
    .map((character, offset) => (isBare(offset) ? character : hidden))
    .join('')
  const isComment = (offset: number) => marks[offset]?.context === 'comment'
  const commands: ShellCommand[] = []
  let [start, pieceStart, depth] = [0, 0, 0]
  let goesOn = false
  for (let offset = 0; offset <= script.length; offset++) {
    if (offset < script.length && !/[\n;]/.test(bare.charAt(offset))) continue
    const piece = bare.slice(pieceStart, offset)
    pieceStart = offset + 1
    depth += depthOf(piece)
    if (piece.trim() !== '') goesOn = /(\||&&)$/.test(piece.trimEnd())
    if (offset < script.length && (depth > 0 || goesOn)) continue
    commands.push(...commandIn(script, bare, start, offset, isComment))
    start = offset + 1
    depth = 0
    goesOn = false
  }
  return commands
}

/** Stands for a character that is quoted, or in parentheses. */
const hidden = '\u0001'

const openers = new Set(['if', 'for', 'while', 'until', 'case', 'select', '{'])
const closers = new Set(['fi', 'done', 'esac', '}'])
const between = new Set(['do', 'then', 'else', 'elif', '!', 'time'])

/** How many compound commands are open at the end of a text. */
function depthOf(bare: string): number {
  let depth = 0
  for (const part of bare.split(/[;&|\n]+/)) {
    const words = part.trim().split(/\s+/)
    for (const word of words) {
      if (openers.has(word)) depth++
      else if (closers.has(word)) depth--
      else if (!between.has(word)) break
      if (word === 'for' || word === 'case' || word === 'select') break
    }
    // name() {
    if (words.length > 1 && words.at(-1) === '{' && words[0]?.endsWith(hidden + hidden)) depth++
  }
  return depth
}

function commandIn(
  script: string,
  bare: string,
  from: number,
  to: number,
  isComment: (offset: number) => boolean,
): readonly ShellCommand[] {
  const isBlank = (offset: number) => /\s/.test(script.charAt(offset)) || isComment(offset)
  let [start, end] = [from, to]
  while (start < end && isBlank(start)) start++
  while (end > start && isBlank(end - 1)) end--
  if (start === end) return []
  const parts = [...bare.slice(start, end).matchAll(/(?:[^;&|\n]|(?<=>)&)+/g)]
  const simple = parts.map(({ 0: part, index }) => {
    const text = script.slice(start + index, start + index + part.length).trim()
    return text.replace(/^(?:(?:if|while|until|do|then|else|elif|!|time|\{)\s+)+/, '')
  })
  const writes = parts.flatMap(({ 0: part, index }) =>
    Array.from(part.matchAll(/>>?\|?\s*(&?[^\s<>]+)/g), ({ 0: whole, 1: target = '', index: at }) => {
      const offset = start + index + at + whole.length - target.length
      return script.slice(offset, offset + target.length)
    }),
  )
  return [{ start, end, text: script.slice(start, end), simple, writes }]
}
