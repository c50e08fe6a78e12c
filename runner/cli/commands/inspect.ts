import { renderJson } from '../../../reports/text/json.ts'
import { oneLine } from '../../../reports/text/plain-text.ts'
import { usageError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import { ask } from '../../workshop/ask.ts'
import type { InspectedCable, InspectedNode } from '../../workshop/inspect.ts'
import type { Answers } from '../../workshop/protocol.ts'
import { chooseSession } from '../../workshop/records.ts'
import type { CommandContext } from '../command.ts'
import { type Given, withHelp } from '../options.ts'

const help = `Usage: ${ownCommand('inspect [NAME] [-- --json]')}

Shows how a lab is that is up: its nodes with the addresses that their kernels have, its cables with what was done to
them, what runs in the background, what steps have kept, and which are done. NAME may be left out where one lab is up.
`

/** Its options, as parseArgs takes them. */
export const options = {
  json: { type: 'boolean', default: false },
} as const

/** `npm run lab inspect`. Returns the exit code. */
export const command = withHelp(help, options, act)

async function act(
  { values, positionals }: Given<typeof options>,
  { stdout, signal }: CommandContext,
): Promise<number> {
  const { session, rest } = chooseSession(positionals)
  if (rest.length > 0) throw usageError(`cannot inspect ${rest[0]}: no lab of this name is up`)
  const inspection = await ask(session.folder, { ask: 'inspect' }, { signal })
  stdout.write(values.json ? `${renderJson(inspection, 2)}\n` : renderInspection(inspection))
  return 0
}

const renderInspection = ({
  lab,
  steps,
  nodes,
  cables,
  processes,
  kept,
  verdicts,
  progress,
}: Answers['inspect']): string =>
  [
    lab,
    '',
    ...nodes.flatMap(nodeLines),
    ...part('cables', cables.map(renderCable)),
    ...part(
      'in the background',
      processes.map(({ process, node, runs }) => `${process} on ${node}: ${runs ? 'runs' : 'has ended'}`),
    ),
    ...part(
      'kept',
      Object.entries(kept).map(([name, value]) => `${name}: ${value}`),
    ),
    ...part(
      'steps',
      steps.map(({ name, isDone }) => `${isDone ? '✓' : ' '} ${name}`),
    ),
    ...part(
      'judged',
      Object.entries(verdicts).map(([name, outcome]) => `${outcome}: ${name}`),
    ),
    ...(progress.broken === undefined ? [] : ['', progress.broken]),
  ]
    .map((line) => `${/^ */.exec(line)?.[0]}${oneLine(line, 2000)}\n`)
    .join('')

const part = (name: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', name, ...lines.map((line) => `  ${line}`)]

function nodeLines({ name, namespaceOf, address, trouble, interfaces }: InspectedNode): readonly string[] {
  const facts = [namespaceOf && `a namespace in ${namespaceOf}`, address && `known by ${address}`, trouble].filter(
    Boolean,
  )
  const widest = Math.max(0, ...interfaces.map((one) => one.name.length))
  return [
    `${name}${facts.length > 0 ? `  (${facts.join(', ')})` : ''}`,
    ...interfaces.map((one) => `  ${one.name.padEnd(widest)}  ${one.state.padEnd(8)}${one.addresses.join(' ')}`),
  ]
}

const renderCable = ({ ends, state }: InspectedCable): string =>
  `${ends.map(({ endpoint, mac, isPlugged }) => `${endpoint} (${mac}${isPlugged ? '' : ', unplugged'})`).join(' — ')}: ${state}`
