/** What a command knows of the process that it runs in. */
export interface CommandContext {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  /** Colour is wanted on stdout. */
  readonly colour: boolean
  /** Colour is wanted on stderr. */
  readonly errorColour: boolean
  /** Stdout is a terminal on which lines may be overwritten. */
  readonly interactive: boolean
  /** Aborted by SIGINT, SIGTERM, SIGHUP and SIGQUIT. */
  readonly signal: AbortSignal
  /** 128 and the number of the signal that came. */
  signalExitCode(): number
}
