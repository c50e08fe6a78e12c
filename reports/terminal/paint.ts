import { styleText } from 'node:util'
import type { Outcome } from '../../runner/result.ts'

/** The looks that the terminal report uses. */
export type Look = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Styles a text. */
export type Paint = (look: Look, text: string) => string

/** A painter; without colour it adds nothing, so that the output has no escape sequence. */
export const createPaint = (colour: boolean): Paint =>
  colour ? (look, text) => styleText(look, text, { validateStream: false }) : (_look, text) => text

/** The look of an outcome. */
export const looks: Readonly<Record<Outcome, Look>> = {
  passed: 'green',
  failed: 'red',
  error: 'yellow',
  skipped: 'dim',
}
