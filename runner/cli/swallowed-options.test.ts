import test from 'ava'
import { WirelabError } from '../errors.ts'
import { demandNothingSwallowed } from './swallowed-options.ts'

const options = {
  keep: { type: 'boolean' },
  repeat: { type: 'string' },
  'max-failures': { type: 'string' },
  x: { type: 'boolean', short: 'x' },
} as const

function refusalOf(args: readonly string[], environment: NodeJS.ProcessEnv) {
  try {
    demandNothingSwallowed(args, options, { npm_lifecycle_event: 'lab', ...environment })
    return undefined
  } catch (error) {
    return error instanceof WirelabError ? [error.kind, error.message, error.remedy] : error
  }
}

test('an option that npm took is named, with the line that was meant', (t) => {
  t.deepEqual(refusalOf(['run', 'a b'], { npm_config_keep: 'true' }), [
    'usage',
    'cannot read the command line: npm took --keep for itself',
    "write npm run lab run 'a b' -- --keep",
  ])
  t.deepEqual(refusalOf([], { npm_config_x: 'true', npm_config_repeat: '3' }), [
    'usage',
    'cannot read the command line: npm took --repeat, -x for itself',
    'write npm run lab -- --repeat 3 -x',
  ])
})

test('of an option whose value npm left among the words no line is made up', (t) => {
  t.deepEqual(refusalOf(['bridge-veth', '2'], { npm_config_max_failures: 'true' }), [
    'usage',
    'cannot read the command line: npm took --max-failures for itself',
    'write options, with their values, after "--": npm run lab ... -- --max-failures ...',
  ])
})

test('what npm did not take, or was said again, is no mistake', (t) => {
  t.is(refusalOf(['a'], {}), undefined)
  t.is(refusalOf(['a'], { npm_config_keep: 'false', npm_config_repeat: '' }), undefined)
  t.is(refusalOf(['a', '--keep'], { npm_config_keep: 'true' }), undefined)
  t.is(refusalOf(['a', '--repeat=3'], { npm_config_repeat: '3' }), undefined)
  t.is(refusalOf(['a', '-x'], { npm_config_x: 'true' }), undefined)
  t.is(refusalOf(['a'], { npm_config_cache: '/x', npm_config_user_agent: 'npm' }), undefined)
})

test('outside of "npm run lab" the environment of npm says nothing', (t) => {
  t.is(refusalOf(['a'], { npm_lifecycle_event: 'test', npm_config_keep: 'true' }), undefined)
})
