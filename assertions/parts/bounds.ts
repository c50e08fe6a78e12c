import { z } from 'zod'

/** How many: exactly, or within bounds. */
export interface Bounds {
  readonly count?: number | undefined
  readonly 'at-least'?: number | undefined
  readonly 'at-most'?: number | undefined
}

/** The keys that say how many; an assertion adds them to its own, and `isBounded` as a refinement. */
export const boundKeys = {
  count: z.int().min(0).optional().describe('Exactly so many.'),
  'at-least': z.int().min(1).optional().describe('So many or more.'),
  'at-most': z.int().min(0).optional().describe('So many or fewer.'),
}

/** What is said of parameters that `isBounded` refuses. */
export const boundsWanted = { error: 'expected count, or at-least, or at-most, or both of these with room between' }

/** Whether there is a `count`, or else a possible range. */
export function isBounded(wanted: Bounds): boolean {
  const { count, 'at-least': least, 'at-most': most } = wanted
  const hasRange = least !== undefined || most !== undefined
  return (count !== undefined) !== hasRange && (least ?? 0) <= (most ?? Number.POSITIVE_INFINITY)
}

/** Whether a number of things is what was wanted. */
export function isWithin(wanted: Bounds, found: number): boolean {
  const least = wanted.count ?? wanted['at-least'] ?? 0
  const most = wanted.count ?? wanted['at-most'] ?? Number.POSITIVE_INFINITY
  return least <= found && found <= most
}

/** Whether a number of things of which more may have been there is what was wanted; undefined when it can't be told. */
export function isWithinAtLeast(wanted: Bounds, found: number): boolean | undefined {
  if (found > (wanted.count ?? wanted['at-most'] ?? Number.POSITIVE_INFINITY)) return false
  return isWithin(wanted, found) && isWithin(wanted, Number.POSITIVE_INFINITY) ? true : undefined
}

/** Whether a number that lies from `from` to `to` can be what was wanted. */
export const canBeWithin = (wanted: Bounds, from: number, to: number): boolean =>
  (wanted.count ?? wanted['at-least'] ?? 0) <= to &&
  from <= (wanted.count ?? wanted['at-most'] ?? Number.POSITIVE_INFINITY)

/** A number that only grows can be waited for, but not one that it must not pass. */
export const defaultWithinMs = (wanted: Bounds): number =>
  wanted['at-least'] !== undefined && wanted['at-most'] === undefined ? 5000 : 0

/** The bounds in words, as "at least 3 frames". */
export function renderBounds(wanted: Bounds, noun: string): string {
  if (wanted.count !== undefined) return wanted.count === 0 ? `no ${noun}` : plural(wanted.count, noun)
  return `${renderRange(wanted)} ${noun}s`
}

/** The bounds in words without a noun, as "at least 3 and at most 5". */
export function renderRange({ count, 'at-least': least, 'at-most': most }: Bounds): string {
  if (count !== undefined) return `${count}`
  const words = [
    ...(least === undefined ? [] : [`at least ${least}`]),
    ...(most === undefined ? [] : [`at most ${most}`]),
  ]
  return words.join(' and ')
}

/** A number of things, as "1 frame". */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
