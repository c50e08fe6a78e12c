import type { RunStory } from './run/story.ts'

/** What draws a file of each results folder from the story of its run; one of the table in index.ts. */
export interface Reporter {
  /** The file's name in the results folder. */
  readonly file: string
  /** Who reads the file, in a few words. */
  readonly readers: string
  /**
   * Draws the file, and before it others that it links to. May throw: what one reporter can't draw keeps no other from
   * it.
   */
  render(story: RunStory, facts: ResultsFacts): AsyncIterable<DrawnFile>
}

/** A file of a results folder. */
export interface DrawnFile {
  readonly name: string
  /** Its pieces, each of which is made when it is asked for. */
  readonly text: Iterable<string>
}

/** What is known of a results folder besides its events; each may be missing. */
export interface ResultsFacts {
  /** Name to version of all that is installed in the machines. */
  readonly packages?: Readonly<Record<string, string>>
  /** Path of a capture in the results folder to its frames as tcpdump prints them. */
  readonly decoded?: ReadonlyMap<string, string>
  /** Paths in the results folder. */
  readonly files?: readonly string[]
  /** Names of the files that each results folder has, the one that all are drawn from first. */
  readonly resultsFiles?: readonly string[]
  /** For whom a report is that a program reads. */
  readonly audience?: Audience
}

/** A CI system as it reads the reports of its jobs. */
export interface Audience {
  readonly reader?: 'jenkins' | 'gitlab' | 'github'
  /** Where the results folder is, as seen from what reads the report. */
  readonly attachmentsBelow?: string
  /** The checkout of the job, from which its readers name files. */
  readonly project?: string
}
