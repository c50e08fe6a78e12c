/** How this process was called, which `bin/wirelab` says. Without that it was by npm, in a checkout. */
const calledAs = process.env['WIRELAB_CALLED_AS']

const isScript = (as: string | undefined) => as === undefined || as.startsWith('npm run ')

/** Whether npm reads the command line first, and takes options that stand before "--" for its own. */
export const npmTakesOptions = isScript(calledAs)

/**
 * A command line of wirelab, as whoever called it would type it. `words` are as behind `npm run lab`: npm takes options
 * for its own unless "--" stands before them, and nothing else wants that.
 */
export function ownCommand(words: string, as = calledAs): string {
  if (as === undefined) return `npm run ${/^setup\b/.test(words) ? '' : 'lab '}${words}`.trimEnd()
  return `${as} ${isScript(as) ? words : words.replace('-- ', '')}`.trimEnd()
}

/** The same for a command whose output goes to a file or a program: npm adds lines of its own unless told not to. */
export const quietCommand = (words: string, as = calledAs): string =>
  ownCommand(words, as).replace(/^npm run /, 'npm run -s ')
