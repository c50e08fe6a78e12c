import { z } from 'zod'
import type { Answer } from '../assertion.ts'
import { oneLine } from './appearance.ts'

/** An exit code by which commands say that what they are for can't be tried here. */
export const skipCodeSchema = z.int().min(1).max(125)

/** Why commands could not try what they are for, in their last words. */
export function whyUntried({ exitCode, stdout, stderr }: Pick<Answer, 'exitCode' | 'stdout' | 'stderr'>): string {
  const words = (stdout.trim() || stderr.trim()).split('\n').at(-1)?.trim()
  return words ? oneLine(words) : `it ended with exit code ${exitCode}, and printed nothing`
}
