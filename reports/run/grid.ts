import type { CaseFinished } from '../../runner/events.ts'

/** A cell of a table of who reaches whom, with its verdict. */
export type Cell = NonNullable<CaseFinished['cells']>[number]

/** Cells as a table; `at` returns undefined where there is none. */
export interface Grid<C> {
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  at(row: string, column: string): C | undefined
}

/** The table that cells make, its rows and columns in the order in which they first come. */
export function gridOf<C extends Pick<Cell, 'row' | 'column'>>(cells: readonly C[]): Grid<C> {
  const byPair = new Map(cells.map((cell) => [`${cell.row}\n${cell.column}`, cell]))
  return {
    rows: [...new Set(cells.map(({ row }) => row))],
    columns: [...new Set(cells.map(({ column }) => column))],
    at: (row, column) => byPair.get(`${row}\n${column}`),
  }
}

/** The same with columns in the order of the rows, so that the diagonal is one. */
export function squareGridOf<C extends Pick<Cell, 'row' | 'column'>>(cells: readonly C[]): Grid<C> {
  const { rows, columns, at } = gridOf(cells)
  return {
    rows,
    columns: [...rows.filter((row) => columns.includes(row)), ...columns.filter((one) => !rows.includes(one))],
    at,
  }
}
