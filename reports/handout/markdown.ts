import type { CopiedFile } from '../../runner/events.ts'
import { gridOf } from '../run/grid.ts'
import { codeMarkdown, fenceFor, inlineMarkdown } from '../text/markdown.ts'
import { boundedText, plainText, plural } from '../text/plain-text.ts'
import { renderMermaid } from '../topology/mermaid.ts'
import { drawTopology } from '../topology/topology.ts'
import {
  forStudents,
  type Handout,
  type HandoutOptions,
  type HandoutStep,
  type HandoutVariant,
  numberOf,
} from './handout.ts'
import type { Question } from './question.ts'

const maxOutputChars = 6000

/** A handout as Markdown; for a student, without outputs and answers. */
export function renderHandoutMarkdown(whole: Handout, { student, byHand = [] }: HandoutOptions): string {
  const handout = student ? forStudents(whole) : whole
  return [
    `# ${inlineMarkdown(handout.title)}`,
    paragraph(handout.summary),
    ...(byHand.length === 0
      ? []
      : [
          'By hand:',
          byHand.map(({ command, does }) => `- ${codeMarkdown(command)}: ${inlineMarkdown(does)}`).join('\n'),
        ]),
    ...handout.variants.flatMap((variant, index) => renderVariant(variant, index, handout, student)),
    ...renderErrata(handout),
    '---',
    student
      ? `Lab ${inlineMarkdown(handout.lab)}.`
      : `Lab ${inlineMarkdown(handout.lab)}; outputs from ${inlineMarkdown(handout.source)}.`,
    '',
  ].join('\n\n')
}

function renderVariant(variant: HandoutVariant, index: number, { variants }: Handout, student: boolean) {
  const title = variants.length === 1 ? [] : [`## Variant ${inlineMarkdown(variant.name)}`]
  const drawing = fenced(renderMermaid(drawTopology(variant.topology)), 'mermaid')
  const before =
    variant.asBefore === 0
      ? []
      : [`${plural(variant.asBefore, 'step')} as in variant ${inlineMarkdown(variants[0]?.name ?? '')}; these differ:`]
  return [
    ...title,
    ...(index === 0 ? [drawing] : []),
    ...before,
    ...variant.steps.flatMap((step) => renderStep(step, student, variants.length === 1 ? '##' : '###')),
  ]
}

const renderStep = (step: HandoutStep, student: boolean, level: string) => [
  `${level} ${step.number}. ${inlineMarkdown(step.name)}`,
  ...step.questions.map((question, at) => renderQuestion(question, numberOf(at, step), true)),
  ...(student ? step.questions.flatMap(({ asked }) => (asked.length === 0 ? [] : [fenced(asked.join('\n'))])) : []),
  ...(step.why === undefined ? [] : [paragraph(step.why)]),
  ...step.copies.flatMap((copy) => renderCopy(copy, step.node ?? '')),
  ...(step.script === undefined ? [] : [`On **${inlineMarkdown(step.node ?? '')}**:`, fenced(step.script, 'sh')]),
  ...step.events.map((event) => `Then: ${inlineMarkdown(event)}.`),
  ...(student || step.output.trim() === '' ? [] : ['It prints:', fenced(boundedText(step.output, maxOutputChars))]),
  ...(step.network === undefined ? [] : ['The network is now:', fenced(renderMermaid(step.network), 'mermaid')]),
  ...(student ? [] : step.questions.map((question, at) => renderQuestion(question, numberOf(at, step), false))),
]

const renderCopy = ({ to, from, text }: CopiedFile, node: string) =>
  text === undefined
    ? [`Copy ${codeMarkdown(from)} to ${codeMarkdown(to)} on **${inlineMarkdown(node)}**.`]
    : [`On **${inlineMarkdown(node)}**, write into ${codeMarkdown(to)}:`, fenced(boundedText(text, maxOutputChars))]

function renderQuestion({ question, answer, cells }: Question, number: string, isAsked: boolean) {
  const words = isAsked
    ? `> **Before you go on${number}:** ${inlineMarkdown(question)}`
    : `**Answer${number}:** ${inlineMarkdown(answer)}`
  if (cells === undefined) return words
  const { rows, columns, at } = gridOf(cells)
  const cell = (row: string, column: string) => {
    const known = at(row, column)
    if (known === undefined) return '–'
    return isAsked ? ' ' : inlineMarkdown(known.answer)
  }
  const table = [
    ['from ↓ to →', ...columns.map((name) => inlineMarkdown(name))],
    ['---', ...columns.map(() => '---')],
    ...rows.map((row) => [inlineMarkdown(row), ...columns.map((column) => cell(row, column))]),
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
            `- **The notes:** ${inlineMarkdown(notes)}\n  **What happens:** ${inlineMarkdown(fails)}\n  **What works:** ${inlineMarkdown(works)}`,
        ),
      ]

const paragraph = (text: string) => inlineMarkdown(text.trim())

/** A block of code that ends where it should, whatever stands in it. */
function fenced(text: string, language = '') {
  const clean = plainText(text).trimEnd()
  const fence = fenceFor(clean, 3)
  return `${fence}${language}\n${clean}\n${fence}`
}
