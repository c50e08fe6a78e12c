import { parseArgs } from 'node:util'
import { messageOf, usageError } from '../runner/errors.ts'
import type { Measurement } from './measurement.ts'

/** What is to be measured, and beside what. */
export interface BenchOptions {
  readonly measurements: readonly Measurement[]
  /** How often, in place of each measurement's own number. */
  readonly rounds?: number
  /** A git ref to measure in turn with this checkout. */
  readonly baseline?: string
  /** Whether other ways to the same machines are measured too. */
  readonly rivals: boolean
  /** A file to which records are added. */
  readonly json?: string
}

/**
 * Reads the command line. Returns the help's text when that is asked for.
 * @throws WirelabError of kind usage
 */
export function readOptions(args: readonly string[], all: readonly Measurement[]): BenchOptions | string {
  const { help, only = [], quick, rounds, baseline, json, 'no-rivals': alone } = parse(args)
  if (help) return renderHelp(all)
  const isNamed = ({ name, groups = [] }: Measurement, word: string) => name === word || groups.includes(word)
  const unknown = only.find((word) => !all.some((one) => isNamed(one, word)))
  if (unknown !== undefined)
    throw usageError(`cannot measure ${unknown}: there is no such measurement`, 'npm run bench -- --help lists them')
  if (rounds !== undefined && !/^[1-9]\d{0,3}$/.test(rounds))
    throw usageError(`cannot read --rounds ${rounds}: expected a whole number from 1`)
  const count = rounds === undefined ? undefined : Number(rounds)
  const isAsked = (one: Measurement) =>
    only.length > 0 ? only.some((word) => isNamed(one, word)) : !one.isLong && (!quick || one.isQuick === true)
  return {
    measurements: all.filter(isAsked),
    rivals: !(alone || quick),
    ...(count === undefined ? (quick ? { rounds: 1 } : {}) : { rounds: count }),
    ...(baseline === undefined ? {} : { baseline }),
    ...(json === undefined ? {} : { json }),
  }
}

function parse(args: readonly string[]) {
  try {
    const options = {
      only: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      baseline: { type: 'string' },
      json: { type: 'string' },
      quick: { type: 'boolean' },
      'no-rivals': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    } as const
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw usageError(`cannot read the command line: ${messageOf(error).split('. ')[0]}`, 'npm run bench -- --help')
  }
}

const renderHelp = (all: readonly Measurement[]) => `Measures what labs cost, on a host that does nothing else.

  npm run bench [-- OPTIONS]

  --only NAME      one measurement, or a group of them (first-output, growth, tear-down); can be given more than once
  --baseline REF   measures the commit REF in turn with this checkout, each with its own set-up
  --rounds N       how often, in place of the numbers below
  --quick          one round of what is marked with +, without rivals: two minutes a checkout on two processors
  --no-rivals      leaves out cold boot, Vagrant and Mininet
  --json FILE      adds a record of each measurement to FILE, a line of JSON each
  -h, --help       this text

  measurement     rounds
${all.map(renderMeasurement).join('\n')}

+ is part of --quick; those marked with * take long, and are measured only when --only names them.
Exit codes: 0 all was measured, 2 the command line is wrong, 3 something could not be measured. Bounds that are missed
are shown, and change nothing.
`

const renderMeasurement = ({ name, rounds, what, isLong, isQuick }: Measurement) =>
  `${isQuick ? '+' : isLong ? '*' : ' '} ${name.padEnd(16)}${String(rounds).padEnd(4)}${what}`
