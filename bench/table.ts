import type { Figure } from './measurement.ts'
import type { FigureResult, Growth, Result } from './result.ts'
import { type MemoryPart, memoryParts } from './smaps.ts'

/** What a further machine's memory must not exceed, in MB. */
const furtherMachineMB = 45

/** A value with its unit, with three digits that count. */
export function renderValue(value: number, unit: Figure['unit']): string {
  const isLong = unit === 'ms' && Math.abs(value) >= 1000
  const shown = isLong ? value / 1000 : value
  const places = Math.abs(shown) >= 100 ? 0 : Math.abs(shown) >= 10 ? 1 : 2
  return `${shown.toFixed(places)} ${isLong ? 's' : unit}`
}

/** A table of all figures, as Markdown that can be read as it is. */
export function renderTable(results: readonly Result[]): string {
  const rows = results.flatMap(({ measurement, figures }) =>
    figures.filter(({ isDetail }) => !isDetail).map((figure) => rowOf(measurement, figure)),
  )
  const missing = results.flatMap(({ measurement, missing }) =>
    missing.map(({ who, why }) => `${measurement}, ${who}: not measured: ${why}\n`),
  )
  return `${renderRows([['what', 'who', 'median', 'least', 'most', 'spread', 'to before', 'bounds'], ...rows])}${missing.join('')}`
}

/** The lines of growth, and of what a further machine's memory consists. */
export function renderGrowth(growth: readonly Growth[]): string {
  const isPart = ({ figure }: Growth) => memoryParts.includes(figure as MemoryPart)
  return growth
    .filter((line) => !isPart(line))
    .map((line) => renderLine(line, growth))
    .join('')
}

function renderLine({ who, figure, unit, base, each, largestResidual }: Growth, all: readonly Growth[]): string {
  const { at, by } = largestResidual
  const line =
    `${who}, ${figure} of n machines: ${renderValue(base, unit)} + n · ${renderValue(each, unit)}, ` +
    `largest residual ${renderValue(by, unit)} at ${at}`
  if (figure !== 'memory') return `${line}\n`
  const parts = memoryParts.flatMap((part) => all.filter((one) => one.who === who && one.figure === part))
  const told = parts.map((part) => `${part.figure} ${renderValue(part.each, part.unit)}`).join(', ')
  const verdict = who === 'this' ? ` (${renderBound(each, furtherMachineMB, renderValue(furtherMachineMB, 'MB'))})` : ''
  return `${line}; a further machine${verdict}: ${told}\n`
}

function rowOf(measurement: string, { name, who, unit, bound = {}, summary, ratio, values }: FigureResult): string[] {
  const { median, least, most, spread } = summary
  const bounds = [
    bound.most === undefined ? [] : renderBound(median, bound.most, renderValue(bound.most, unit)),
    bound.ratio === undefined || ratio === undefined ? [] : renderBound(ratio, bound.ratio, `${bound.ratio} of before`),
  ].flat()
  return [
    `${measurement}: ${name}`,
    who,
    ...[median, least, most].map((value) => renderValue(value, unit)),
    values.length > 1 ? `${(spread * 100).toFixed(0)} %` : '',
    ratio === undefined || who === 'before' ? '' : ratio.toFixed(2),
    who === 'this' ? bounds.join(', ') : '',
  ]
}

const renderBound = (value: number, most: number, told: string) => `${told} ${value <= most ? '✓' : '✗'}`

function renderRows([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => (row[at] ?? '').length)))
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
  const pad = (cell: string, at: number) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))
  const rule = widths.map((width, at) => (at < 2 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [head.map(pad), rule, ...rows.map((row) => row.map(pad))].map(line).join('')
}
