import type { Part } from '../cut.ts'
import { usageError } from '../errors.ts'

/** The variables by which a CI or a cluster tells a job which of several it is, and from where it counts. */
const jobs: readonly { readonly index: string; readonly total?: string; readonly from: number | string }[] = [
  // https://docs.gitlab.com/ci/variables/predefined_variables/
  { index: 'CI_NODE_INDEX', total: 'CI_NODE_TOTAL', from: 1 },
  // https://circleci.com/docs/variables/
  { index: 'CIRCLE_NODE_INDEX', total: 'CIRCLE_NODE_TOTAL', from: 0 },
  // https://buildkite.com/docs/pipelines/configure/environment-variables
  { index: 'BUILDKITE_PARALLEL_JOB', total: 'BUILDKITE_PARALLEL_JOB_COUNT', from: 0 },
  // sbatch(1), "OUTPUT ENVIRONMENT VARIABLES"
  { index: 'SLURM_ARRAY_TASK_ID', total: 'SLURM_ARRAY_TASK_COUNT', from: 'SLURM_ARRAY_TASK_MIN' },
  // https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode; a job isn't told of how many it is.
  { index: 'JOB_COMPLETION_INDEX', from: 0 },
]

/**
 * `N/M`, the Nth of M parts; all of it when nothing is said. `auto` finds both in the environment, `auto/M` what is not
 * told there. @throws WirelabError of kind usage
 */
export function readPart(text: string | undefined, environment: NodeJS.ProcessEnv = process.env): Part {
  if (text === undefined) return { part: 1, of: 1 }
  if (/^auto(\/\d+)?$/.test(text)) return findPart(text, environment)
  const [, part, of] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number)
  if (!part || !of || part > of) throw usageError(`cannot read --part ${text}: expected N/M, as in 1/4 to 4/4, or auto`)
  return { part, of }
}

function findPart(text: string, environment: NodeJS.ProcessEnv): Part {
  const job = jobs.find(({ index }) => environment[index])
  if (job === undefined)
    throw usageError(
      `cannot find which part of the run this is: none of ${jobs.map(({ index }) => index).join(', ')} is set`,
      'say it, as in --part 1/4',
    )
  const numberOf = (name: string | undefined) => {
    const number = name === undefined ? undefined : environment[name]
    return number !== undefined && /^\d{1,9}$/.test(number) ? Number(number) : undefined
  }
  const from = typeof job.from === 'number' ? job.from : numberOf(job.from)
  const [index, of] = [numberOf(job.index), Number(text.split('/')[1] ?? numberOf(job.total) ?? 0)]
  if (of === 0 && job.total === undefined)
    throw usageError(`cannot find of how many parts this is: nothing beside ${job.index} says it`, 'use --part auto/M')
  const part = (index ?? Number.NaN) - (from ?? Number.NaN) + 1
  if (part >= 1 && part <= of) return { part, of }
  const said = [job.index, job.total, typeof job.from === 'string' ? job.from : undefined].filter((name) => name)
  throw usageError(
    `cannot read --part ${text}: ${said.map((name) => `${name}=${environment[`${name}`] ?? ''}`).join(', ')} say no part`,
    'say it, as in --part 1/4',
  )
}
