import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { makeFakePath } from '../../testing/fake-path.ts'
import { slurm } from './slurm.ts'

test.serial('what the settings say of nodes, accounts and limits is what sbatch is given', async (t) => {
  const path = makeFakePath()
  t.teardown(path.remove)
  path.program('sbatch', 'echo "7;cluster"')
  const settings = {
    ...{ partition: 'labs', account: 'networks', qos: 'night', constraint: 'kvm', processors: 3, memoryMiB: 4000 },
    ...{ minutes: 5, extra: ['--nice=100', '--exclusive'] },
  }
  const { submit } = slurm.make(slurm.settings.parse(settings))
  const needs = { processors: 3, memoryMiB: 100, limitMs: 1, longer: 2, measuresTime: true }
  const batch = { parts: [2, 5], script: 'do it\n', folder: path.folder, attempt: 4, needs }
  t.is(await submit(batch), '7')
  const [call] = path.calls()
  t.deepEqual(call?.split(' ').slice(1), [
    ...['--parsable', '--job-name=wirelab', '--array=2,5', `--output=${join(path.folder, 'job-%A_%a.log')}`],
    ...['--no-requeue', '--ntasks=1', '--cpus-per-task=3', '--mem=4000M', '--time=10', '--hint=nomultithread'],
    ...['--partition=labs', '--account=networks', '--qos=night', '--constraint=kvm', '--nice=100', '--exclusive'],
    join(path.folder, 'job-4.sh'),
  ])
  t.is(readFileSync(join(path.folder, 'job-4.sh'), 'utf8'), '#!/bin/sh\npart=$SLURM_ARRAY_TASK_ID\ndo it\n')
})
