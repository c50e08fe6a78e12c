/** What a command ends with. Signals end it with 128 and their number. */
export const exitCodes = { passed: 0, failed: 1, usage: 2, machinery: 3 } as const

/**
 * The exit code of what would end with `exitCode`, but for a record of it that is perhaps not whole: 3 in place of 0.
 */
export const endingWith = (exitCode: number, isWhole: boolean): number =>
  !isWhole && exitCode === exitCodes.passed ? exitCodes.machinery : exitCode

/** A program of the host that did not do what it was started for. */
interface CommandFault {
  /** What messages call the command. */
  readonly title: string
  /** The cause, as it stands in the message. */
  readonly problem: string
}

/** The facts that an error carries beside its sentence, by its code; code that acts on an error reads these. */
export interface ErrorDetails {
  /** There is nothing to know but the sentence. */
  readonly other: Readonly<Record<never, never>>
  readonly 'not-installed': CommandFault
  readonly 'exit-code': CommandFault & {
    readonly exitCode: number
    readonly stdout: string
    readonly stderr: string
  }
  /** A command was killed, or could not be started. */
  readonly 'not-ended': CommandFault
  /** A command took longer than it may. */
  readonly 'timed-out': CommandFault
  /** An image is not built, or these files of it are damaged. */
  readonly 'image-unusable': { readonly image: string; readonly damaged: readonly string[] }
  readonly 'disk-full': Readonly<Record<never, never>>
  /** Packages that an image's lock names are nowhere to be had. */
  readonly 'lock-unmet': Readonly<Record<never, never>>
  /** A lab asks something of a machine or a NIC that is, as the lab itself left it, in no state for it. */
  readonly 'wrong-state': Readonly<Record<never, never>>
}

export type ErrorCode = keyof ErrorDetails

/** A code with its detail. */
export type ErrorFact = { readonly [C in ErrorCode]: { readonly code: C; readonly detail: ErrorDetails[C] } }[ErrorCode]

/**
 * A mistake of the person who calls wirelab (`usage`, exit code 2) or a fault of host, machine or tool
 * (`machinery`, exit code 3). The message reads "cannot <verb> <object>: <cause>"; the remedy says what to do.
 */
export class WirelabError<C extends ErrorCode = ErrorCode> extends Error {
  readonly kind: 'usage' | 'machinery'
  readonly remedy: string | undefined
  readonly code: C
  readonly detail: ErrorDetails[C]

  constructor(
    kind: 'usage' | 'machinery',
    message: string,
    options: { remedy?: string; cause?: unknown; fact: { readonly code: C; readonly detail: ErrorDetails[C] } },
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : {})
    this.name = 'WirelabError'
    this.kind = kind
    this.remedy = options.remedy
    this.code = options.fact.code
    this.detail = options.fact.detail
  }
}

const noFact: ErrorFact = { code: 'other', detail: {} }

/** A fault of the machinery. */
export const machineryError = (message: string, remedy?: string, cause?: unknown, fact: ErrorFact = noFact) =>
  new WirelabError('machinery', message, { ...(remedy === undefined ? {} : { remedy }), cause, fact })

/** What a lab asks of a machine or a NIC that is in no state for it: nothing broke, but the step can't be done. */
export const stateError = (message: string) =>
  machineryError(message, undefined, undefined, { code: 'wrong-state', detail: {} })

/** A mistake in the command line or a lab file. */
export const usageError = (message: string, remedy?: string) =>
  new WirelabError('usage', message, { ...(remedy === undefined ? {} : { remedy }), fact: noFact })

/** Whether something thrown is an error of ours with this code, and so has its detail. */
export const hasCode = <C extends ErrorCode>(error: unknown, code: C): error is WirelabError<C> =>
  error instanceof WirelabError && error.code === code

/** The message of anything thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Does what `words` say, as "write FILE". What the file system throws becomes an error that says so.
 * @throws WirelabError of kind machinery
 */
export function attempt<T>(words: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw machineryError(`cannot ${words}: ${messageOf(error)}`, undefined, error)
  }
}

/** The message of anything thrown, with what to do, where that is known. */
export const withRemedy = (error: unknown): string =>
  error instanceof WirelabError && error.remedy !== undefined ? `${error.message}\n${error.remedy}` : messageOf(error)
