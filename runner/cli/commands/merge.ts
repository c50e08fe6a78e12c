import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { scopesOnImages } from '../../on-images.ts'
import { scopesToRun } from '../../scopes.ts'
import type { CommandContext } from '../command.ts'
import { loadLabs } from '../load-labs.ts'
import { mergeFolders } from '../merge-folders.ts'
import { type Given, readCount, withHelp } from '../options.ts'
import { resultsFolders } from '../results-folders.ts'

const help = `Usage: ${ownCommand('merge DIR... [-- --out DIR] [--all [--image NAME]...]')}

Makes one results folder of several, such as those of the jobs that a nightly run was split over, and draws the reports.
A part that is missing, did not come to its end, was cut in another way, or ran what another ran too is refused.
Exit codes: 1 something failed, whatever is missing beside it; 3 parts are refused, or something could not be told; 0 else.

Options:
  --incomplete  make a report of what is there, in which what is missing is an error, and say what that is
  --out DIR     the new results folder (default: results/merged); must be empty or absent
  --all         every variant of every lab in labs/ here, or that wirelab ships where there is none, must be in it
  --image NAME  with --all: on this image; given more than once, as in the runs that are merged, on each
  --retry-inconclusive N
                try what is still inconclusive again, here and alone, N times at most (default: 0); what failed stands,
                and what another try gave is in the report beside what was there. It takes what a run takes
`

/** Its options, as parseArgs takes them. */
export const options = {
  out: { type: 'string', default: join('results', 'merged') },
  all: { type: 'boolean', default: false },
  incomplete: { type: 'boolean', default: false },
  image: { type: 'string', multiple: true },
  'retry-inconclusive': { type: 'string' },
} as const

/** `npm run lab merge DIR...`. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  if (positionals.length === 0) throw usageError('cannot merge: expected results folders', help)
  const labs = values.all ? loadLabs([], { all: true, colour: context.errorColour }) : []
  const wanted = scopesOnImages(scopesToRun(labs, 1), [...new Set(values.image ?? [])])
  const retries = readCount('retry-inconclusive', values['retry-inconclusive'], 0, 0)
  const addTo = async (isWhole: boolean) => {
    const { retryMerged } = await import('../retry-merged.ts')
    return retryMerged(values.out, isWhole, retries, context)
  }
  const wishes = { ...values, wanted, ...(retries === 0 ? {} : { addTo }) }
  const exitCode = await mergeFolders(resultsFolders(positionals), wishes, context)
  if (existsSync(values.out)) context.stdout.write(`Results: ${values.out}\n`)
  return context.signal.aborted ? context.signalExitCode() : exitCode
}
