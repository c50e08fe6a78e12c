import { captureRows } from './capture-rows.ts'
import { commandRows } from './command-rows.ts'
import { connectRows } from './connect-rows.ts'
import { dnsRows } from './dns-rows.ts'
import { httpRows } from './http-rows.ts'
import { listingRows } from './listing-rows.ts'
import { pingRows } from './ping-rows.ts'
import type { Row } from './row.ts'

/** The sabotage table: none of its claims may pass. */
export const rows: readonly Row[] = [
  ...pingRows,
  ...connectRows,
  ...httpRows,
  ...dnsRows,
  ...listingRows,
  ...captureRows,
  ...commandRows,
]
