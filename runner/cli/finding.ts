import { messageOf, WirelabError } from '../errors.ts'
import { ownCommand } from '../host/own-command.ts'

/** What `doctor` found, in words. */
export interface Finding {
  /** As it should be, good to know, or what must be mended. */
  readonly sign: '✓' | '-' | '✗'
  readonly text: string
  /** What mends it. */
  readonly remedy?: string
}

/** The command that provides what wirelab needs. */
export const setUp = ownCommand('setup')

/** The remedy of what set-up mends. */
export const mendBySetUp = `To mend it: ${setUp}`

export const good = (text: string): Finding => ({ sign: '✓', text })
export const note = (text: string): Finding => ({ sign: '-', text })
export const bad = (text: string, remedy: string): Finding => ({ sign: '✗', text, remedy })

/** What went wrong, with the error's own remedy; set-up mends what has none. */
export const broken = (error: unknown): Finding =>
  bad(messageOf(error), (error instanceof WirelabError ? error.remedy : undefined) ?? mendBySetUp)
