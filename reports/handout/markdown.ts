import type { CopiedFile } from '../../runner/events.ts'
import { gridOf } from '../run/grid.ts'
import { boundedText, oneLine, plainText, plural } from '../text/plain-text.ts'
import { renderMermaid } from '../topology/mermaid.ts'
import { drawTopology } from '../topology/topology.ts'
import { forStudents, type Handout, type HandoutStep, type HandoutVariant, numberOf } from './handout.ts'
import type { Question } from './question.ts'

const maxOutputChars = 6000

/** A handout as Markdown; for a student, without outputs and answers. */
export function renderHandoutMarkdown(whole: Handout, { student }: { student: boolean }): string {
  const handout = student ? forStudents(whole) : whole
  return [
    `# ${inline(handout.title)}`,
    paragraph(handout.summary),
    ...handout.variants.flatMap((variant, index) => renderVariant(variant, index, handout, student)),
    ...renderErrata(handout),
    '---',
    student ? `Lab ${inline(handout.lab)}.` : `Lab ${inline(handout.lab)}; outputs from ${inline(handout.source)}.`,
    '',
  ].join('\n\n')
}

function renderVariant(variant: HandoutVariant, index: number, { variants }: Handout, student: boolean) {
  const title = variants.length === 1 ? [] : [`## Variant ${inline(variant.name)}`]
  const drawing = fenced(renderMermaid(drawTopology(variant.topology)), 'mermaid')
  const before =
    variant.asBefore === 0
      ? []
      : [`${plural(variant.asBefore, 'step')} as in variant ${inline(variants[0]?.name ?? '')}; these differ:`]
  return [
    ...title,
    ...(index === 0 ? [drawing] : []),
    ...before,
    ...variant.steps.flatMap((step) => renderStep(step, student, variants.length === 1 ? '##' : '###')),
  ]
}

const renderStep = (step: HandoutStep, student: boolean, level: string) => [
  `${level} ${step.number}. ${inline(step.name)}`,
  ...(step.why === undefined ? [] : [paragraph(step.why)]),
  ...step.questions.map((question, at) => renderQuestion(question, numberOf(at, step), true)),
  ...step.copies.flatMap((copy) => renderCopy(copy, step.node ?? '')),
  ...(step.script === undefined ? [] : [`On **${inline(step.node ?? '')}**:`, fenced(step.script, 'sh')]),
  ...step.events.map((event) => `Then: ${inline(event)}.`),
  ...(student || step.output.trim() === '' ? [] : ['It prints:', fenced(boundedText(step.output, maxOutputChars))]),
  ...(student ? [] : step.questions.map((question, at) => renderQuestion(question, numberOf(at, step), false))),
]

const renderCopy = ({ to, from, text }: CopiedFile, node: string) =>
  text === undefined
    ? [`Copy \`${oneLine(from)}\` to \`${oneLine(to)}\` on **${inline(node)}**.`]
    : [`On **${inline(node)}**, write into \`${oneLine(to)}\`:`, fenced(boundedText(text, maxOutputChars))]

function renderQuestion({ question, answer, cells }: Question, number: string, isAsked: boolean) {
  const words = isAsked
    ? `> **Before you go on${number}:** ${inline(question)}`
    : `**Answer${number}:** ${inline(answer)}`
  if (cells === undefined) return words
  const { rows, columns, at } = gridOf(cells)
  const cell = (row: string, column: string) => {
    const known = at(row, column)
    if (known === undefined) return '–'
    return isAsked ? ' ' : inline(known.answer)
  }
  const table = [
    ['from ↓ to →', ...columns.map(inline)],
    ['---', ...columns.map(() => '---')],
    ...rows.map((row) => [inline(row), ...columns.map((column) => cell(row, column))]),
  ]
  return [words, '', ...table.map((line) => `| ${line.join(' | ')} |`)].join('\n')
}

const renderErrata = ({ errata, variants }: Handout) =>
  errata.length === 0
    ? []
    : [
        `${variants.length === 0 ? '#' : '##'} What older notes have wrong`,
        ...errata.map(
          ({ notes, fails, works }) =>
            `- **The notes:** ${inline(notes)}\n  **What happens:** ${inline(fails)}\n  **What works:** ${inline(works)}`,
        ),
      ]

const paragraph = (text: string) => inline(text.trim())

/** Text on one line, in which nothing is markup. */
const inline = (text: string) => oneLine(text, 2000).replaceAll(/[\\`*_[\]<>|#&~]/g, '\\$&')

/** A block of code that ends where it should, whatever stands in it. */
function fenced(text: string, language = '') {
  const clean = plainText(text).trimEnd()
  const longest = Math.max(2, ...[...clean.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${clean}\n${fence}`
}
