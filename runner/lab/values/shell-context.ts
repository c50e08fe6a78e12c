/** Where in a shell script a character stands. */
export type ShellContext = 'bare' | 'quotes' | 'comment' | 'here-document'

/** Backticks inside double quotes are a frame of their own: quoting there follows other rules. */
type Frame = 'bare' | 'single' | 'ansi' | 'double' | 'backticks' | 'quoted-backticks'

/** What is known of a character of a shell script. */
export interface ShellMark {
  readonly context: ShellContext
  /** In how many parentheses, quotes and backticks it stands. */
  readonly depth: number
}

/** The context of each of `offsets` in a POSIX shell script: says whether text put there can be quoted. */
export function shellContexts(script: string, offsets: readonly number[]): readonly ShellContext[] {
  const marks = shellMarks(script)
  return offsets.map((offset) => marks[offset]?.context ?? 'quotes')
}

/**
 * What each character of a POSIX shell script is; undefined for those that open and close something, and for the line
 * feed before a here-document. A small scanner, no parser: `case` patterns inside `$( )` are beyond it, and then it
 * errs
 * towards `quotes`.
 */
export function shellMarks(script: string): readonly (ShellMark | undefined)[] {
  const marks = new Array<ShellMark | undefined>(script.length).fill(undefined)
  const frames: Frame[] = ['bare']
  const heredocs: { word: string; tabs: boolean }[] = []
  let position = 0

  const mark = (from: number, to: number, context: ShellContext) => {
    marks.fill({ context, depth: frames.length - 1 }, from, to)
  }
  const enter = (frame: Frame, length: number) => {
    frames.push(frame)
    position += length
  }
  const leave = () => {
    if (frames.length > 1) frames.pop()
    position++
  }
  const markTo = (end: number, context: ShellContext) => {
    mark(position, end, context)
    position = end
  }

  while (position < script.length) {
    const frame = frames.at(-1) ?? 'bare'
    const rest = script.slice(position, position + 80)
    const character = rest.charAt(0)
    if (frame === 'single' || frame === 'ansi' || frame === 'quoted-backticks') {
      if (character === (frame === 'quoted-backticks' ? '`' : "'")) frames.pop()
      markTo(position + (frame !== 'single' && character === '\\' ? 2 : 1), 'quotes')
      continue
    }
    const quoted = frame === 'double'
    if (character === '\\') markTo(position + 2, 'quotes')
    else if (rest.startsWith('$(')) enter('bare', 2)
    else if (character === '`') {
      if (frame === 'backticks') leave()
      else enter(quoted ? 'quoted-backticks' : 'backticks', 1)
    } else if (character === '"') {
      if (quoted) leave()
      else enter('double', 1)
    } else if (quoted) markTo(position + 1, 'quotes')
    else if (character === "'") enter('single', 1)
    else if (rest.startsWith("$'")) enter('ansi', 2)
    else if (character === '(') enter('bare', 1)
    else if (character === ')' && frame === 'bare') leave()
    else if (character === '#' && /^$|[\s;&|(]/.test(script.charAt(position - 1))) {
      markTo(endOfLine(script, position), 'comment')
    } else if (rest.startsWith('<<<')) position += 3
    else if (rest.startsWith('<<')) {
      const match = /^<<(-?)[ \t]*(['"\\]?)([A-Za-z_][\w.-]*)\2?/.exec(rest)
      if (match !== null) heredocs.push({ word: match[3] ?? '', tabs: match[1] === '-' })
      position += match?.[0].length ?? 2
    } else if (character === '\n' && heredocs.length > 0) {
      position++
      for (const heredoc of heredocs.splice(0)) markTo(endOfHeredoc(script, position, heredoc), 'here-document')
    } else markTo(position + 1, 'bare')
  }
  return marks
}

function endOfLine(script: string, from: number): number {
  const end = script.indexOf('\n', from)
  return end < 0 ? script.length : end
}

/** Just after the line that ends the here-document whose body begins at `from`. */
function endOfHeredoc(script: string, from: number, { word, tabs }: { word: string; tabs: boolean }): number {
  let position = from
  while (position < script.length) {
    const end = endOfLine(script, position)
    const line = script.slice(position, end)
    if ((tabs ? line.replace(/^\t+/, '') : line) === word) return end
    position = Math.min(end + 1, script.length)
  }
  return script.length
}
