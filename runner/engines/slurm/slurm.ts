import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { attempt as attemptTo } from '../../errors.ts'
import { runHostCommand } from '../../host/host-command.ts'
import { type Batch, commonSettings, type Engine, type EngineKind } from '../engine.ts'
import { hasFault, nodesFormat, parseQueue, queueFormat } from './queue.ts'

const settings = z.strictObject({
  ...commonSettings,
  partition: z.string().optional(),
  account: z.string().optional(),
  qos: z.string().optional(),
  /** Of nodes, as `kvm`. */
  constraint: z.string().optional(),
  /** Of each part; what its machines need when left out. */
  memoryMiB: z.int().min(1).optional(),
  /** Of each part; three times what it is expected to take, and ten minutes, when left out. */
  minutes: z.int().min(1).optional(),
  /** Further options of sbatch(1). */
  extra: z.array(z.string()).default([]),
})

type SlurmSettings = z.infer<typeof settings>

/** A Slurm cluster: all parts that are handed over at once are a job array. */
export const slurm: EngineKind<SlurmSettings> = { settings, make: makeSlurm }

/** A part should take long enough for its start not to matter, and not so long that a lost one costs much. */
const partMs = 10 * 60_000
const mostParts = 200

function makeSlurm(chosen: SlurmSettings): Engine {
  return {
    processors: chosen.processors ?? 2,
    cut: (scopes, expectedMs) =>
      Math.min(scopes, chosen.parts ?? Math.min(mostParts, Math.max(1, Math.ceil(expectedMs / partMs)))),
    async submit(batch) {
      const file = join(batch.folder, `job-${batch.attempt}.sh`)
      const script = `#!/bin/sh\npart=$SLURM_ARRAY_TASK_ID\n${batch.script}`
      attemptTo(`write ${file}`, () => writeFileSync(file, script))
      const { stdout } = await runHostCommand(['sbatch', ...optionsOf(batch, chosen), file])
      // With --parsable it is "JOB" or "JOB;CLUSTER".
      return stdout.trim().split(';')[0] ?? ''
    },
    async watch(submissions) {
      const { stdout } = await runHostCommand(['squeue', '--me', '--noheader', '--array', '--states=all', queueFormat])
      const nodes = hasFault(stdout) ? await runHostCommand(['sinfo', '--noheader', '--Node', nodesFormat]) : undefined
      return submissions.map(({ id, parts }) => {
        const known = parseQueue(stdout, id, nodes?.stdout)
        // Slurm forgets jobs some minutes after their end.
        return new Map(parts.map((part) => [part, known.get(part) ?? { state: 'gone' }]))
      })
    },
    async cancel(id) {
      await runHostCommand(['scancel', '--quiet', id])
    },
  }
}

/** `%A` and `%a` are the job's number and the part's, in the names of logs. */
function optionsOf({ parts, folder, needs }: Batch, chosen: SlurmSettings): string[] {
  const { partition, account, qos, constraint, memoryMiB = needs.memoryMiB, minutes, extra } = chosen
  const limit = needs.longer * (minutes ?? Math.ceil(needs.limitMs / 60_000))
  const named = { partition, account, qos, constraint }
  return [
    ...['--parsable', '--job-name=wirelab', `--array=${parts.join(',')}`, `--output=${join(folder, 'job-%A_%a.log')}`],
    // A job that Slurm queues again itself is held for a while: it is handed over anew.
    ...['--no-requeue', '--ntasks=1', `--cpus-per-task=${needs.processors}`, `--mem=${memoryMiB}M`, `--time=${limit}`],
    ...(needs.measuresTime ? ['--hint=nomultithread'] : []),
    ...Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`])),
    ...extra,
  ]
}
