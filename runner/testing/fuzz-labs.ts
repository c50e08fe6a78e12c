import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assertions } from '../../assertions/index.ts'
import { listLabs } from '../lab/find-lab.ts'
import { loadLab } from '../lab/load-lab.ts'
import { renderDiagnostics } from '../lab/text/diagnostics.ts'
import { type Random, randomNumbers } from './random-numbers.ts'

const labsFolder = join(import.meta.dirname, '..', '..', 'labs')

/** A lab file that the loader did not take or refuse as it should. */
export interface Found {
  readonly number: number
  readonly trouble: string
  readonly text: string
}

/** What the check of one of these files may cost: they are shipped labs, a little damaged. */
const maxCpuMs = 5000

/** Loads as many damaged lab files; the same for the same seed. Returns what was wrong with the loading of some. */
export function fuzzLoader(seed: number, cases: number): { readonly found: readonly Found[]; readonly sound: number } {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-fuzz-'))
  const file = join(folder, 'lab.yaml')
  const texts = listLabs(labsFolder).map((lab) => readFileSync(lab.file, 'utf8'))
  const found: Found[] = []
  let sound = 0
  try {
    for (let number = 0; number < cases; number++) {
      const text = damage(texts, randomNumbers(seed + number))
      writeFileSync(file, text)
      const trouble = troubleWith(file, () => sound++)
      if (trouble !== undefined) found.push({ number, trouble, text })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return { found, sound }
}

/** Undefined when a file is loaded or refused with places, in bounded time, in words that a terminal may show. */
function troubleWith(file: string, noteSound: () => void): string | undefined {
  const before = process.cpuUsage()
  try {
    const { lab, diagnostics } = loadLab(file, assertions)
    const { user, system } = process.cpuUsage(before)
    if (user + system > maxCpuMs * 1000) return `it took ${(user + system) / 1e6} s`
    if (lab !== undefined) noteSound()
    if (diagnostics === undefined) return undefined
    if (diagnostics.length === 0 || diagnostics.length > 51) return `${diagnostics.length} mistakes`
    const shown = renderDiagnostics(diagnostics).replaceAll(/[\n\t]/g, '')
    const raw = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u.exec(shown)
    return raw === null ? undefined : `U+${raw[0].codePointAt(0)?.toString(16)} is shown raw`
  } catch (error) {
    return error instanceof Error ? String(error.stack) : String(error)
  }
}

/** Words that lab files stumble over. */
const oddWords: readonly string[] = [
  ...[
    'null',
    '~',
    '{}',
    '[]',
    '""',
    '-1',
    '0x1F',
    '1e999',
    '.nan',
    '.inf',
    '99999999999999999999',
    '0o17',
    'true',
    'no',
  ],
  ...[
    '{{mode}}',
    '{{',
    '}}',
    '{{ a }}',
    '"{{a}}{{b}}"',
    '*x',
    '&x',
    '<<',
    '!!binary',
    '!',
    '? ',
    '|',
    '>-',
    '%',
    '---',
    '...',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'length',
    'default',
    'all',
    'a:b:c',
    ':',
    '-',
    '#',
    '@',
    '`',
  ],
  ...[
    '\u202e',
    '\u2066',
    '\u0085',
    '\u009b31m',
    '\u001b[2J',
    '\u0000',
    '\ufeff',
    '\u2028',
    '\ud83d\ude00',
    '\u0301',
    '\u00a0',
  ],
  ...['(?!x)', '(a+)+$', '\\1', '[', 'x{999}', '../..', '/etc/passwd', '%s%n', '*', 'x=later', '-batch', 'ß'.repeat(8)],
  ...['x'.repeat(5000), '['.repeat(60), '{a: '.repeat(60), '\r', '\t', '\n', '"', "'", ', ', ': ', '\n  - '],
]

const damages: readonly ((text: string, random: Random, texts: readonly string[]) => string)[] = [
  // A word is another of the file.
  (text, random) => replaceWord(text, random, wordOf(text, random)),
  (text, random) => replaceWord(text, random, oddWords[random(oddWords.length)] ?? ''),
  // Something is gone, or there twice.
  (text, random) => {
    const [from, to] = rangeIn(text, random)
    return text.slice(0, from) + text.slice(to)
  },
  (text, random) => {
    const [from, to] = rangeIn(text, random)
    return text.slice(0, to) + text.slice(from)
  },
  // A line stands elsewhere, or deeper.
  (text, random) => {
    const lines = text.split('\n')
    const moved = lines.splice(random(lines.length), 1 + random(3))
    lines.splice(random(lines.length + 1), 0, ...moved.map((line) => ' '.repeat(random(3) * 2) + line))
    return lines.join('\n')
  },
  // A value is of another type.
  (text, random) => text.replace(nthMatch(text, random, /: [^\n]*/g), `: ${oddWords[random(oddWords.length)] ?? ''}`),
  // An anchor here, and aliases there.
  (text, random) => {
    const marked = text.replace(nthMatch(text, random, /: (?=\S)/g), ': &x ')
    return marked.replace(nthMatch(marked, random, /: [^\n&]*/g), ': *x')
  },
  // A character, anywhere.
  (text, random) => {
    const at = random(text.length + 1)
    return text.slice(0, at) + String.fromCharCode(random(2) === 0 ? random(160) : random(65_536)) + text.slice(at)
  },
  // The rest is of another lab.
  (text, random, texts) => {
    const other = texts[random(texts.length)] ?? ''
    return text.slice(0, random(text.length)) + other.slice(random(other.length))
  },
]

function damage(texts: readonly string[], random: Random): string {
  let text = texts[random(texts.length)] ?? ''
  for (let left = 1 + random(4); left > 0; left--) text = damages[random(damages.length)]?.(text, random, texts) ?? text
  return text
}

const words = /[A-Za-z0-9_.-]+/g

const wordOf = (text: string, random: Random): string => nthMatch(text, random, words)

function replaceWord(text: string, random: Random, word: string): string {
  const matches = [...text.matchAll(words)]
  const match = matches[random(matches.length)]
  return match === undefined ? word : text.slice(0, match.index) + word + text.slice(match.index + match[0].length)
}

function nthMatch(text: string, random: Random, pattern: RegExp): string {
  const matches = text.match(pattern) ?? []
  return matches[random(matches.length)] ?? ''
}

function rangeIn(text: string, random: Random): [number, number] {
  const from = random(text.length + 1)
  return [from, from + random(200)]
}
