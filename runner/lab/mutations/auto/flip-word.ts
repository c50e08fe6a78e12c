import type { Mutator } from './mutator.ts'
import { changesOf, type Spot, spotsOf } from './parts.ts'

/** Puts another mode in the place of a mode, and the opposite in the place of a switch's position. */
export const flipWord: Mutator = {
  kind: 'other',
  changes: (step) =>
    changesOf(step, (part, { origin }) => [
      ...spotsOf(part, modes, nextMode),
      ...spotsOf(part, switches, (word) => opposites.get(word)),
      ...upOrDown(part),
      ...spotsOf(part, origin.file === undefined ? bits : bitsInFile, (word) => (word === '0' ? '1' : '0')),
    ]),
}

const families: readonly (readonly string[])[] = [
  ['private', 'vepa', 'bridge', 'passthru'],
  ['l2', 'l3', 'l3s'],
  ['active-backup', 'balance-rr', '802.3ad', 'balance-xor', 'broadcast', 'balance-tlb', 'balance-alb'],
]

const modes = /(?:(?<=\bmode[\s=]+)|(?<=\bbond-mode\s+))(?<word>[\w.-]+)/dg

function nextMode(word: string): string | undefined {
  const family = families.find((words) => words.includes(word))
  return family?.[(family.indexOf(word) + 1) % family.length]
}

const pairs: readonly (readonly [string, string])[] = [
  ['on', 'off'],
  ['yes', 'no'],
  ['true', 'false'],
  ['accept', 'drop'],
  ['ACCEPT', 'DROP'],
]
const opposites: ReadonlyMap<string, string> = new Map(
  pairs.flatMap(([one, other]) => [
    [one, other],
    [other, one],
  ]),
)

/** Not a "no" with a word after it: that negates the word, as in "no shutdown", or is plain English. */
const switches = /(?<=[\s=])(?!no[ \t]+[a-z])(?<word>on|off|yes|no|true|false|accept|drop|ACCEPT|DROP)(?=[\s;"'}]|$)/dg

/** Up and down; but a command that only brings an interface up is left out as a whole, which is the same. */
const upOrDown = (part: string): readonly (readonly Spot[])[] =>
  /^ip\s+(-\w+\s+\S+\s+)?link\s+set\s+(dev\s+)?\S+\s+up$/.test(part)
    ? []
    : spotsOf(part, /(?<=^[^\n]*\bset\b[^\n]*\s)(?<word>up|down)(?=\s|;|$)/dg, (word) =>
        word === 'up' ? 'down' : 'up',
      )

/**
 * 0 and 1 where they are a setting: of a file of the kernel, of sysctl, of an option with an underscore in its name.
 */
const bits = /(?:(?<=\becho\s+)(?=\d\s*>)|(?<=[\w.]=)|(?<=\s[a-z]+_\w+\s+))(?<word>[01])(?=\s|;|"|'|$)/dg
const bitsInFile = /(?<=\w\s*=\s*)(?<word>[01])(?=\s|;|$)/dg
