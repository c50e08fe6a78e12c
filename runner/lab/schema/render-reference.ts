import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CORE_SCHEMA, DEFAULT_SCALAR_STYLE_RULES, dump, SCALAR_STYLE, type ScalarLayout } from 'js-yaml'
import { actions } from '../../steps/actions/index.ts'
import { asMapping, fieldOf } from '../text/mapping.ts'
import { timesSchema } from './schema.ts'

const head = `# The lab language

Made by \`npm run schema\` from what the runner checks lab files with; editors show the same beside each key. A name in
**bold** must be there. Durations read \`200ms\`, \`5s\`, \`2m\`. \`"{{name}}"\` may stand for any value inside of
nodes, links and steps; \`{{!\` is a literal \`{{\`, also in a copied file.

What a step keeps of its commands' output (\`keep\`) is known only when the lab runs: \`{{kept.name}}\` stands for it in
commands, in copied files, and in the parameters of expectations, for a text, an address or a number. In commands it is
quoted as a value is. A lab that wants what no step before has kept is wrong, and so is a step that finds nothing to keep.

\`\`\`yaml
steps:
  - name: The server makes a key
    on: server
    run: wg genkey | tee /run/key | wg pubkey
    keep: { public-key: .+ }
  - name: The client knows it
    on: client
    run: wg set wg0 peer {{kept.public-key}} allowed-ips 10.0.0.1/32
    expect:
      - output: { on: client, command: wg show wg0 peers, equals: "{{kept.public-key}}" }
  - name: An address that was learned
    on: client
    run: ip -4 -o address show dev eth1
    keep: { learned: 'inet ([0-9.]+)' }
    expect:
      - ping: { from: server, to: "{{kept.learned}}", is: reachable }
\`\`\`
`

const order = `## In which order a step is done

1. Its captures begin. One in a node whose interface is not there, or down, begins as soon as that is up; frames before
   it began are not in it. One that has not begun leaves its claims open, and is an error when its last step ends.
2. ${actions.map(({ key }) => `\`${key}\``).join(', ')}: in this order, wherever they stand, each when the one before is done.
3. Its expectations are judged, one after another. The first that is wrong keeps no other from its turn.
4. The captures end whose last step this is.

Where something goes wrong that should not, the rest of the step and all later steps are skipped.
`

const shell = `## How commands are run

All commands of a lab are run by one rule, those of \`run\`, \`start\` and \`while\` as those of \`output\`: as root, by
\`bash -e -o pipefail\`. They end at the first that fails, and a pipe fails when any command in it does. Where a failure
is none, say so: \`grep -c x file || true\`. A reader that ends early, as \`head\` and \`grep -q\`, fails a writer that
has more to say; \`sed -n 1p\` and \`grep >/dev/null\` read to the end.
`

/** The reference of the lab language as Markdown, from its JSON Schema. */
export function renderReference(schemaText: string): string {
  const schema: unknown = JSON.parse(schemaText)
  const stepKeys = fieldOf(fieldOf(fieldOf(fieldOf(schema, 'properties'), 'steps'), 'items'), 'properties')
  const assertions = asMapping(fieldOf(fieldOf(fieldOf(stepKeys, 'expect'), 'items'), 'properties')) ?? {}
  const { name, question, answer, each, ...table } = assertions
  return [
    head,
    '## A lab file',
    keysOf(schema, 0).join('\n'),
    ...Object.entries(asMapping(stepKeys) ?? {}).flatMap(([key, part]) =>
      examplesOf(part).map((example) => `\nAn example of ${key}:\n\n${renderExample({ [key]: example })}`),
    ),
    ...labExamples().flatMap(({ title, text, included }) => [
      `\n## Example: ${title}\n\n\`\`\`yaml\n${text}\`\`\`\n`,
      ...included.map((file) => `${file.name} has:\n\n\`\`\`yaml\n${file.text}\`\`\`\n`),
    ]),
    order,
    shell,
    `## Assertions\n\nOne entry of a step's \`expect\` is one assertion. What may stand with each of them:\n`,
    ...Object.entries({ name, question, answer, each }).map(
      ([key, word]) => `- ${key}, beside the assertion: ${describe(word)}`,
    ),
    ...Object.entries(timesSchema.shape).map(([key, time]) => `- ${key}, among its parameters: ${time.description}`),
    '',
    ...Object.entries(table).map(([key, assertion]) => assertionSection(key, assertion)),
  ].join('\n')
}

/** Folder of the labs that show what takes more than one key: whole ones, each a file. */
export const examplesFolder = join(import.meta.dirname, '..', '..', '..', 'docs', 'examples')

const labExamples = () =>
  readdirSync(examplesFolder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => {
      const text = readFileSync(join(examplesFolder, name), 'utf8')
      const names = new Set(Array.from(text.matchAll(/ include: (\S+)/g), (match) => match[1] ?? ''))
      return {
        title: /^title: (.*)$/m.exec(text)?.[1] ?? name,
        text: text.replace(/^.*?^(?=nodes:)/ms, ''),
        included: Array.from(names, (file) => ({ name: file, text: readFileSync(join(examplesFolder, file), 'utf8') })),
      }
    })

const assertionSection = (key: string, assertion: unknown) =>
  [
    `### ${key}`,
    '',
    describe(assertion),
    '',
    ...keysOf(assertion, 0, Object.keys(timesSchema.shape)),
    '',
    ...examplesOf(assertion).map((example) => renderExample([{ [key]: example }])),
  ].join('\n')

function examplesOf(schema: unknown): readonly unknown[] {
  const examples = fieldOf(schema, 'examples')
  return Array.isArray(examples) ? examples : []
}

const renderExample = (example: unknown) => `\`\`\`yaml\n${renderYaml(example)}\`\`\`\n`

/** YAML as labs are written: what a key holds stands behind it in braces, and what has colons or spaces in quotes. */
const renderYaml = (value: unknown): string =>
  dump(value, {
    schema: CORE_SCHEMA,
    flowLevel: 2,
    lineWidth: -1,
    flowBracketPadding: true,
    quoteStyle: 'double',
    scalarStyleRules: [...Object.values(DEFAULT_SCALAR_STYLE_RULES), quoteColonsAndSpaces],
  })

function quoteColonsAndSpaces(layout: ScalarLayout): void {
  if (layout.style === SCALAR_STYLE.PLAIN && /[:\s]/.test(layout.node.value)) layout.style = SCALAR_STYLE.DOUBLE_QUOTED
}

/** The keys that a mapping may have, a list entry each; alternatives one after another. */
function keysOf(schema: unknown, depth: number, except: readonly string[] = []): string[] {
  const indent = '  '.repeat(depth)
  const alternatives = alternativesOf(schema)
  if (alternatives.length > 1)
    return alternatives.flatMap((each, at) => [
      `${indent}- ${at === 0 ? 'either' : 'or'}`,
      ...keysOf(each, depth + 1, except),
    ])
  const required = fieldOf(schema, 'required')
  const mustBe = new Set(Array.isArray(required) ? required : [])
  const entries = Object.entries(asMapping(fieldOf(schema, 'properties')) ?? {})
    .filter(([key]) => !except.includes(key))
    .concat(freeEntry(schema))
  return entries.flatMap(([key, part]) => {
    const title = mustBe.has(key) ? `**${key}**` : key
    const line = `${indent}- ${title}${shapeOf(part)}: ${describe(part)}`
    return [line, ...(isExpectations(part) ? [] : innerKeys(part, depth + 1))]
  })
}

/** The entry that stands for all with free names, where it is explained. */
function freeEntry(schema: unknown): [string, unknown][] {
  const free = fieldOf(schema, 'additionalProperties')
  return describe(free) === '' ? [] : [['*any name*', free]]
}

/** Assertions have a chapter of their own. */
const isExpectations = (schema: unknown) =>
  fieldOf(fieldOf(fieldOf(schema, 'items'), 'properties'), 'ping') !== undefined

/** The keys of what a key holds: a mapping itself, the items of a list, or the values of a mapping with free names. */
function innerKeys(schema: unknown, depth: number): string[] {
  const inner = [schema, fieldOf(schema, 'items'), fieldOf(schema, 'additionalProperties')]
  const found = inner.find((each) => hasKeys(each) || alternativesOf(each).length > 1)
  if (found === undefined) return []
  const nested = fieldOf(found, 'additionalProperties')
  return hasKeys(nested) ? keysOf(nested, depth) : keysOf(found, depth)
}

const hasKeys = (schema: unknown): boolean => asMapping(fieldOf(schema, 'properties')) !== undefined

/** Mappings between which one may choose; a placeholder or a plain word beside a mapping is none. */
function alternativesOf(schema: unknown): readonly unknown[] {
  const all = fieldOf(schema, 'anyOf') ?? fieldOf(schema, 'oneOf')
  return Array.isArray(all) ? all.filter(hasKeys) : []
}

/** What a key holds, in brackets: its words, or its kind where that is not plain text. */
function shapeOf(schema: unknown): string {
  const words = wordsOf(schema)
  if (words.length > 0) return ` (${words.map((word) => `\`${word}\``).join(', ')})`
  const kinds = kindsOf(schema).filter((kind) => kind !== 'string')
  const names: Readonly<Record<string, string>> = {
    array: 'list',
    object: 'mapping',
    integer: 'whole number',
    number: 'number',
    boolean: 'true or false',
  }
  const shown = kinds.flatMap((kind) => names[kind] ?? [])
  return shown.length === 0 ? '' : ` (${[...new Set(shown)].join(' or ')})`
}

function wordsOf(schema: unknown): readonly string[] {
  const words = fieldOf(schema, 'enum')
  if (Array.isArray(words)) return words.map(String)
  const constant = fieldOf(schema, 'const')
  if (constant !== undefined) return [String(constant)]
  const any = fieldOf(schema, 'anyOf')
  if (!Array.isArray(any) || any.some(isPlainText)) return []
  return any.flatMap(wordsOf)
}

const isPlainText = (schema: unknown) =>
  fieldOf(schema, 'type') === 'string' &&
  ['enum', 'const', 'pattern'].every((key) => fieldOf(schema, key) === undefined)

function kindsOf(schema: unknown): readonly string[] {
  const kind = fieldOf(schema, 'type')
  if (typeof kind === 'string') return [kind]
  const any = fieldOf(schema, 'anyOf') ?? fieldOf(schema, 'oneOf')
  return Array.isArray(any) ? any.flatMap(kindsOf) : []
}

function describe(schema: unknown): string {
  const description = fieldOf(schema, 'description')
  return typeof description === 'string' ? description.replaceAll('|', '\\|') : ''
}
