import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import test from 'ava'
import { paneWords } from './open-panes.ts'

test('each node has a pane with its shell, and its name above it', (t) => {
  t.is(
    paneWords('x/default', ['a', 'b'], ['node', 'main']).join(' ').split(' ; set-option')[0],
    'new-session node main shell x/default a ; select-pane -T a ; select-layout tiled ; ' +
      'split-window node main shell x/default b ; select-pane -T b ; select-layout tiled',
  )
})

test('where there is no tmux or no terminal, no lab is brought up for it', (t) => {
  const main = join(import.meta.dirname, 'main.ts')
  const run = (command: string, PATH?: string) =>
    spawnSync(process.execPath, [main, command, 'bridge-veth', '--tmux'], {
      env: { ...process.env, ...(PATH === undefined ? {} : { PATH }) },
      encoding: 'utf8',
    })
  for (const command of ['up', 'shell']) {
    const { status, stderr } = run(command, '/none')
    t.is(status, 2)
    t.regex(stderr, /^cannot open a pane for each node: tmux is not installed\nInstall tmux, or: /)
  }
  t.regex(run('up').stderr, /^cannot open a pane for each node: (this is no terminal|tmux is not installed)\n/)
})
