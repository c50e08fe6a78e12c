import test from 'ava'
import { readPart } from './read-part.ts'

const found: readonly (readonly [string, NodeJS.ProcessEnv, string])[] = [
  ['GitLab', { CI_NODE_INDEX: '3', CI_NODE_TOTAL: '4' }, 'auto'],
  ['CircleCI', { CIRCLE_NODE_INDEX: '2', CIRCLE_NODE_TOTAL: '4' }, 'auto'],
  ['Buildkite', { BUILDKITE_PARALLEL_JOB: '2', BUILDKITE_PARALLEL_JOB_COUNT: '4' }, 'auto'],
  ['a Slurm array', { SLURM_ARRAY_TASK_ID: '12', SLURM_ARRAY_TASK_MIN: '10', SLURM_ARRAY_TASK_COUNT: '4' }, 'auto'],
  ['an indexed job of Kubernetes', { JOB_COMPLETION_INDEX: '2' }, 'auto/4'],
]

for (const [where, environment, text] of found)
  test(`the third of four parts is found in ${where}`, (t) => {
    t.deepEqual(readPart(text, environment), { part: 3, of: 4 })
  })

test('a part that nothing tells, or that there is not, is refused', (t) => {
  const read = (text: string, environment: NodeJS.ProcessEnv = {}) =>
    t.throws(() => readPart(text, environment))?.message
  t.regex(`${read('auto')}`, /none of CI_NODE_INDEX, .* is set/)
  t.regex(`${read('auto', { JOB_COMPLETION_INDEX: '0' })}`, /nothing beside JOB_COMPLETION_INDEX says it/)
  t.regex(`${read('auto', { CI_NODE_INDEX: '5', CI_NODE_TOTAL: '4' })}`, /CI_NODE_INDEX=5, CI_NODE_TOTAL=4 say no part/)
  t.regex(`${read('auto', { SLURM_ARRAY_TASK_ID: '1' })}`, /SLURM_ARRAY_TASK_COUNT=, .*say no part/)
  t.regex(`${read('auto', { CI_NODE_INDEX: 'x', CI_NODE_TOTAL: '4' })}`, /say no part/)
  for (const text of ['0/4', '5/4', '1', 'auto/', 'auto/x']) t.regex(`${read(text)}`, /expected N\/M/)
})
