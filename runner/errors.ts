/** What a command ends with; where several apply, the highest. Signals end it with 130 and 143. */
export const exitCodes = { passed: 0, failed: 1, usage: 2, machinery: 3 } as const

/**
 * A mistake of the person who calls wirelab (`usage`, exit code 2) or a fault of host, machine or tool
 * (`machinery`, exit code 3). The message reads "cannot <verb> <object>: <cause>"; the remedy says what to do.
 */
export class WirelabError extends Error {
  readonly kind: 'usage' | 'machinery'
  readonly remedy: string | undefined

  constructor(kind: 'usage' | 'machinery', message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {})
    this.name = 'WirelabError'
    this.kind = kind
    this.remedy = options.remedy
  }
}

/** A fault of the machinery. */
export const machineryError = (message: string, remedy?: string, cause?: unknown) =>
  new WirelabError('machinery', message, { ...(remedy === undefined ? {} : { remedy }), cause })

/** A mistake in the command line or a lab file. */
export const usageError = (message: string, remedy?: string) =>
  new WirelabError('usage', message, remedy === undefined ? {} : { remedy })

/** The message of anything thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The message of anything thrown, with what to do, where that is known. */
export const withRemedy = (error: unknown): string =>
  error instanceof WirelabError && error.remedy !== undefined ? `${error.message}\n${error.remedy}` : messageOf(error)
