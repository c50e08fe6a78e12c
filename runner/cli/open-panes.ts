import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { usageError } from '../errors.ts'
import { ownCommand } from '../host/own-command.ts'
import { ask } from '../workshop/ask.ts'
import type { CommandContext } from './command.ts'

/** @throws WirelabError of kind usage when panes can't be opened here */
export function demandPanes(): void {
  const remedy = `${ownCommand('shell NAME NODE')} gives a shell in a terminal of its own, as often as you like`
  if (spawnSync('tmux', ['-V']).error !== undefined)
    throw usageError('cannot open a pane for each node: tmux is not installed', `Install tmux, or: ${remedy}`)
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw usageError('cannot open a pane for each node: this is no terminal', remedy)
}

/**
 * Shows a terminal with a shell in each node of the lab whose session has this runtime folder, until all of them have
 * ended or whoever looks has left (tmux calls it detached). Namespaces that no step has made yet have none. The socket
 * of tmux is there, and with the lab all of it ends. @throws WirelabError when the lab can't be asked
 */
export async function openPanesOf(folder: string, { signal }: Pick<CommandContext, 'signal'>): Promise<void> {
  const { lab, nodes: all } = await ask(folder, { ask: 'inspect' }, { signal })
  const nodes = all.filter(({ trouble }) => trouble === undefined).map(({ name }) => name)
  const { TMUX: _, ...env } = process.env
  const words = ['-S', join(folder, 'tmux.sock'), ...paneWords(lab, nodes, [process.execPath, process.argv[1] ?? ''])]
  await once(spawn('tmux', words, { stdio: 'inherit', env }), 'exit')
}

/** What tmux is told: a window with a pane for each node, its name above it. `program` is wirelab's command line. */
export const paneWords = (lab: string, nodes: readonly string[], program: readonly string[]): readonly string[] =>
  nodes
    .flatMap((node, index) => [
      [...(index === 0 ? ['new-session'] : ['split-window']), ...program, 'shell', lab, node],
      ['select-pane', '-T', node],
      ['select-layout', 'tiled'],
    ])
    .concat([
      ['set-option', 'pane-border-status', 'top'],
      ['set-option', 'pane-border-format', ' #{pane_title} '],
      ['set-option', 'allow-rename', 'off'],
    ])
    .flatMap((words, index) => (index === 0 ? words : [';', ...words]))
