import { isIPv4 } from 'node:net'
import { withBraces } from '../lab/values/placeholders.ts'
import type { ImportedLab, ImportedStep } from './make-lab.ts'

/** Where the files of an imported lab lie, in its folder. */
export const filesFolder = 'files'

/** A lab as the text of its file; `schema` is the way to the schema, for editors. */
export function renderLab(lab: ImportedLab, origin: string, schema: string): string {
  const { title, summary, packages, nodes, cables, steps, claims } = lab
  return `# yaml-language-server: $schema=${schema}
# Imported from ${origin}.
title: ${renderText(title)}
summary: ${renderText(summary)}
${renderPackages(packages)}nodes:
${nodes.map(({ name, address }) => `  ${name}: ${address === undefined ? '{}' : `{ address: ${renderText(address)} }`}`).join('\n')}
${cables.length === 0 ? '' : `links:\n${cables.map((ends) => `  - endpoints: [${ends.map(renderText).join(', ')}]\n`).join('')}`}
steps:
${steps.map(renderStep).join('\n')}${steps.length === 0 ? '' : '\n'}${renderClaims(claims, nodes[0]?.name ?? '')}`
}

const renderPackages = (packages: readonly string[]) =>
  packages.length === 0 ? '' : `packages: [${packages.map(renderText).join(', ')}]\n`

const renderStep = ({ node, copy, stays, commands }: ImportedStep): string =>
  [
    `  - name: ${node} is set up`,
    `    id: ${node}`,
    `    on: ${node}`,
    ...(copy.length === 0 ? [] : ['    copy:']),
    ...copy.map(({ to, from }) => `      ${renderText(to)}: ${renderText(`${filesFolder}/${from}`)}`),
    ...(stays === undefined
      ? []
      : ['    start:', `      id: ${node}`, `      run: ${renderBlock(withBraces(stays), 8)}`]),
    ...(commands.length === 0 ? [] : [`    run: ${renderBlock(withBraces(commands.join('\n')), 6)}`]),
    '',
  ].join('\n')

function renderClaims(claims: ImportedLab['claims'], first: string): string {
  const more = `      # What else must hold? wirelab's docs/lab-language.md has all that can be claimed.\n`
  if (claims.length > 0)
    return `  - name: Neighbours reach each other
    expect:
${more}${claims.map(({ from, to }) => `      - ping: { from: ${from}, to: ${renderText(to)}, is: reachable }\n`).join('')}`
  return `  - name: The machines are up
    on: ${first}
    run: ip -brief link
    # No two addresses of one network stand in the topology. What must hold?
    # expect:
    #   - ping: { from: ${first}, to: 10.0.0.2, is: reachable }
`
}

/** What YAML would take for something else than text. */
const notText = /^(~|null|true|false|yes|no|on|off)$/i

/** A text as a scalar, in quotes where it has to be. */
const renderText = (text: string): string =>
  isIPv4(text) || (/^[A-Za-z_/][\w./+@-]*(:[\w./+@-]+)*( [\w./+@-]+)*\.?$/.test(text) && !notText.test(text))
    ? text
    : JSON.stringify(text)

/** A text of several lines as a block that is indented so deep, or in quotes where that can't hold it. */
function renderBlock(text: string, indent: number): string {
  const holds = !/^\s|\s$|[^\P{Cc}\n\t]|[\ufeff\u2028\u2029\ufffe\uffff]/u.test(text)
  if (!holds) return JSON.stringify(text)
  if (!text.includes('\n')) return plainCommand.test(text) ? text : `|\n${' '.repeat(indent)}${text}`
  return `|\n${text.replaceAll(/^(?=.)/gm, ' '.repeat(indent))}`
}

/** A command that means itself in YAML too. */
const plainCommand = /^[A-Za-z][\w./=@+-]*( [\w./=@+-]+(:[\w./=@+-]+)*)*$/
