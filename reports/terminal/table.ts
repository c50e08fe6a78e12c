import { type Cell, squareGridOf } from '../run/grid.ts'
import { outcomeOfCell, signs } from '../run/outcomes.ts'
import { displayWidth, oneLine } from '../text/plain-text.ts'
import type { Paint } from './paint.ts'
import { looks } from './paint.ts'

/**
 * A table of who reached whom: a row for each origin, in each cell a sign and what was found, with what was wanted
 * where that is something else. A table wider than `columns` becomes a list.
 */
export function renderTable(cells: readonly Cell[], paint: Paint, columns: number): string[] {
  const { rows, columns: heads, at } = squareGridOf(cells)
  const grid = rows.map((row) => heads.map((head) => at(row, head)))
  const rowWidth = Math.max(...rows.map((row) => displayWidth(label(row))))
  const widths = heads.map((head, index) =>
    Math.max(displayWidth(label(head)), ...grid.map((line) => displayWidth(cellText(line[index])))),
  )
  if (rowWidth + widths.reduce((sum, width) => sum + width + 2, 0) > columns) return renderList(cells, paint)
  return [
    paint(
      'dim',
      `${pad('', rowWidth)}${heads.map((head, index) => `  ${pad(label(head), widths[index])}`).join('')}`.trimEnd(),
    ),
    ...grid.map((line, index) => {
      const texts = line.map((cell, column) => `  ${paintCell(cell, paint, widths[column])}`)
      return `${pad(label(rows[index] ?? ''), rowWidth)}${texts.join('')}`.trimEnd()
    }),
  ]
}

const renderList = (cells: readonly Cell[], paint: Paint) =>
  cells.map((cell) => `${label(cell.row)} -> ${label(cell.column)}  ${paintCell(cell, paint)}`)

function paintCell(cell: Cell | undefined, paint: Paint, width = 0) {
  const text = cellText(cell)
  // Not painted: a line's end is trimmed of it.
  const space = pad(text, width).slice(text.length)
  return `${paint(cell === undefined ? 'dim' : looks[outcomeOfCell(cell)], text)}${space}`
}

function cellText(cell: Cell | undefined) {
  if (cell === undefined) return '·'
  const wanted = cell.wanted === cell.found ? '' : `, wanted ${label(cell.wanted)}`
  return `${signs[outcomeOfCell(cell)]} ${label(cell.found)}${wanted}`
}

const label = (text: string) => oneLine(text, 60)

const pad = (text: string, width = 0) => text + ' '.repeat(Math.max(0, width - displayWidth(text)))
