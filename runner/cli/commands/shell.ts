import { oneLine } from '../../../reports/text/plain-text.ts'
import { usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import type { Variant } from '../../lab/lab.ts'
import { nearestWord } from '../../lab/text/nearest.ts'
import { acceleratorWishes } from '../../providers/accelerator.ts'
import { listAllKept, providerNames } from '../../providers/index.ts'
import { ask, endSession } from '../../workshop/ask.ts'
import type { Joined } from '../../workshop/protocol.ts'
import { chooseSession, isNamed, listSessions } from '../../workshop/records.ts'
import type { DoWish } from '../../workshop/session-state.ts'
import { readProvider } from '../choose-provider.ts'
import type { CommandContext } from '../command.ts'
import { demandPanes, openPanesOf } from '../open-panes.ts'
import { type Given, readChoice, withHelp } from '../options.ts'
import { createSessionScreen, renderProgress, tellDeaths } from '../session-client.ts'
import { startSession } from '../start-session.ts'

const help = `Usage: ${ownCommand('shell NAME[/VARIANT] [NODE] [-- OPTIONS]')}

Gives a shell in a node (default: the lab's first machine). In a lab that is up ("up NAME"), or of which a shell is open,
it joins that; NAME may be left out where one is up. When the lab's machines were kept by an earlier run, the shell is in
those, and they stay. Else it brings the lab up and does its steps without judging them; the machines are gone when this
shell ends.

Options:
  --until STEP          stop after the step with this name or id
  --tmux                a shell in each node, in a pane of tmux
  --accel auto|kvm|tcg  how machines are run (default: auto)
  --provider ${providerNames.join('|')}
                        what makes the machines (default: ${providerNames[0]})
`

/** Its options, as parseArgs takes them. */
export const options = {
  until: { type: 'string' },
  tmux: { type: 'boolean', default: false },
  accel: { type: 'string' },
  provider: { type: 'string' },
} as const

/** `npm run lab shell NAME [NODE]`. Returns the shell's exit code. */
export const command = withHelp(help, options, act)

async function act({ values, positionals }: Given<typeof options>, context: CommandContext): Promise<number> {
  const sessions = listSessions()
  const [name, wantedNode, ...more] = positionals
  const isUp = sessions.some((one) => name === undefined || isNamed(one, name) || Object.hasOwn(one.nodes, name))
  if (isUp) return shellInSession(positionals, values, context)
  if (name === undefined || more.length > 0)
    throw usageError('cannot open a shell: expected a lab and perhaps a node', help)
  readChoice('accel', values.accel, acceleratorWishes)
  readProvider(values.provider)
  const { loadLabs } = await import('../load-labs.ts')
  const [selection] = loadLabs([name], { all: false, colour: context.errorColour })
  const lab = selection?.lab
  const variant = lab?.variants.find((one) => selection?.variant === undefined || one.name === selection.variant)
  if (!lab || !variant) throw usageError(`cannot open a shell: ${name} is no lab`)
  const node = chooseNode(variant, wantedNode)
  checkStep(variant, values.until)

  const kept = (await listAllKept()).find((one) => one.lab === lab.name && one.variant === variant.name)
  if (!kept?.isComplete || !kept.machines.some(({ pid }) => pid !== undefined))
    return shellInFresh({ name: `${lab.file}/${variant.name}`, node, ...values }, context)
  if (values.until === undefined && !values.tmux) return kept.interact(node)
  const [asked, cause] = values.tmux
    ? ['open a pane for each node', `panes are of a lab that is up with "up ${name}"`]
    : [`go on to "${values.until}"`, 'nobody knows what was done in them']
  throw usageError(
    `cannot ${asked}: the machines of ${name} were kept by a run, and ${cause}`,
    `${ownCommand(`shell ${name} NODE`)} gives a shell in one, as often as you like; ${ownCommand(`down ${name}`)} ends them`,
  )
}

/** Opens a shell in a lab that is up, where it stands, or after a step. */
async function shellInSession(
  words: readonly string[],
  { until, tmux }: { readonly until?: string | undefined; readonly tmux: boolean },
  context: CommandContext,
) {
  if (tmux) demandPanes()
  const { session, rest } = chooseSession(words)
  const machine = Object.entries(session.nodes).find(([name, holder]) => name === holder)?.[0]
  const [node = machine ?? '', ...more] = rest
  if (more.length > 0) throw usageError('cannot open a shell: expected a lab and perhaps a node', help)
  const onEvent = createSessionScreen(context, { verbose: true })
  if (until !== undefined) await ask(session.folder, { ask: 'do', until }, { signal: context.signal, onEvent })
  if (!tmux) return openShell(session.folder, { node }, context)
  await openPanesOf(session.folder, context)
  return 0
}

interface FreshShell {
  readonly name: string
  readonly node: string
  readonly until?: string | undefined
  readonly tmux: boolean
  readonly accel?: string | undefined
  readonly provider?: string | undefined
}

/** Brings a lab up for a shell, with which it ends. */
async function shellInFresh(
  { name, node, until, tmux, accel: accelerator, provider }: FreshShell,
  context: CommandContext,
): Promise<number> {
  if (tmux) demandPanes()
  const folder = await startSession({ name, accelerator, provider, colour: context.errorColour })
  const steps = { ...(until === undefined ? { toEnd: true } : { until }) }
  try {
    if (!tmux) return await openShell(folder, { node, owner: steps }, context)
    const asking = { signal: context.signal, onEvent: createSessionScreen(context, { verbose: true, heading: true }) }
    await ask(folder, { ask: 'up' }, asking)
    await ask(folder, { ask: 'do', ...steps }, asking)
    await openPanesOf(folder, context)
    return 0
  } finally {
    // It ends without being asked, too; so all is gone when this process is.
    await endSession(folder, new AbortController().signal).catch(() => {})
  }
}

/** Joins the terminal to a shell. Returns its exit code. */
async function openShell(
  folder: string,
  request: { readonly node: string; readonly owner?: DoWish },
  context: CommandContext,
): Promise<number> {
  const { stdin } = process
  const { stdout, signal } = context
  const size = () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 })
  const terminal = { ...size(), kind: process.env['TERM'] ?? '' }
  const onResize = (resized: (now: ReturnType<typeof size>) => void) => {
    const tell = () => resized(size())
    stdout.on('resize', tell)
    return () => void stdout.off('resize', tell)
  }
  const screen = createSessionScreen(context, { verbose: true, heading: true })
  try {
    const asking = {
      ...{ signal, input: stdin, onResize, onEvent: request.owner === undefined ? tellDeaths(context) : screen },
      onOutput: (_stream: string, chunk: Buffer) => void stdout.write(chunk),
      onJoined(joined: Joined) {
        if (!stdin.isTTY) return
        stdout.write(renderJoined(joined))
        stdin.setRawMode(true)
      },
    }
    const { exitCode } = await ask(folder, { ask: 'shell', ...request, ...(stdin.isTTY ? { terminal } : {}) }, asking)
    return exitCode
  } finally {
    if (stdin.isTTY) stdin.setRawMode(false)
  }
}

/** What stands above the first prompt. */
const renderJoined = ({ lab, title, node, progress }: Joined): string =>
  `\n${oneLine(lab)}  ${oneLine(title)}\n${oneLine(node)}; ${renderProgress(progress)}\n`

function chooseNode(variant: Variant, wanted: string | undefined): string {
  const names = variant.nodes.map(({ name }) => name)
  const first = variant.nodes.find(({ namespaceOf }) => namespaceOf === undefined)?.name ?? ''
  if (wanted === undefined || names.includes(wanted)) return wanted ?? first
  const nearest = nearestWord(wanted, names)
  throw usageError(
    `cannot open a shell in ${wanted}: the lab has no such node`,
    `${nearest ? `did you mean "${nearest}"? ` : ''}its nodes are ${names.join(', ')}`,
  )
}

function checkStep(variant: Variant, wanted: string | undefined): void {
  if (wanted === undefined || variant.steps.some(({ name, id }) => wanted === name || wanted === id)) return
  const words = variant.steps.flatMap(({ name, id }) => (id ? [name, id] : [name]))
  throw usageError(
    `cannot stop after "${wanted}": the lab has no such step`,
    `its steps are ${words.map((word) => `"${word}"`).join(', ')}`,
  )
}
