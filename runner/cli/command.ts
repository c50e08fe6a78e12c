import type { ParseArgsConfig } from 'node:util'

/** What a file of `commands/` exports. */
export interface Command {
  /** What parseArgs takes; --help, which all have, is not among them. */
  readonly options: NonNullable<ParseArgsConfig['options']>
  /** Returns the exit code. */
  command(args: readonly string[], context: CommandContext): Promise<number>
}

/** A command in the table of all. */
export interface CommandEntry {
  /** What stands behind `npm run lab` in the help. */
  readonly usage: string
  readonly does?: string
  /** What its words are, for shells to complete: lab names and paths, folders, files, or some of these words. */
  readonly takes?: 'labs' | 'folders' | 'files' | readonly string[]
  /** Loads it when it is called, so that listing labs need not load an SSH client. */
  load(): Promise<Command>
}

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
