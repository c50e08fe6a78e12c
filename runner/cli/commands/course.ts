import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderCourseHtml } from '../../../reports/handout/course-html.ts'
import { renderHandoutHtml } from '../../../reports/handout/html.ts'
import { attempt, usageError } from '../../errors.ts'
import { fileName } from '../../host/file-names.ts'
import { ownCommand } from '../../host/own-command.ts'
import { writeResult } from '../../host/results-files.ts'
import { makeFolders } from '../../host/trusted-folder.ts'
import type { Lab } from '../../lab/lab.ts'
import { levelsOf } from '../../workshop/puzzle.ts'
import type { CommandContext } from '../command.ts'
import { loadLabs } from '../load-labs.ts'
import { type Given, withHelp } from '../options.ts'
import { outlineHandout } from '../outline-handout.ts'
import { parseCourse } from '../parse-course.ts'

const help = `Usage: ${ownCommand('course FILE [-- --out DIR]')}

Makes an index page of a course, and a student's handout of each of its labs. FILE is YAML: a title, perhaps a text, and
chapters, each with a title, perhaps a text, and labs by name or path, in the order in which they are taught. No lab
need have been run. wirelab's own labs are in labs/course.yaml.

Options:
  --out DIR      where to leave the pages (default: course)
`

/** Its options, as parseArgs takes them. */
export const options = { out: { type: 'string' } } as const

/** `npm run lab course FILE`. Returns the exit code. */
export const command = withHelp(help, options, act)

async function act(
  { values, positionals }: Given<typeof options>,
  { stdout, errorColour }: CommandContext,
): Promise<number> {
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw usageError('cannot make a course: expected one file', help)
  const out = values.out ?? 'course'
  const course = parseCourse(
    file,
    attempt(`read ${file}`, () => readFileSync(file, 'utf8')),
  )
  const chapters = course.chapters.map(({ title, text, labs }) => ({
    title,
    text,
    labs: loadLabs(labs, { all: false, colour: errorColour }).map(({ lab }) => lab),
  }))
  attempt(`write into ${out}`, () => makeFolders(out))
  const write = (name: string, text: string) => attempt(`write ${join(out, name)}`, () => writeResult(out, name, text))
  for (const lab of chapters.flatMap(({ labs }) => labs))
    write(pageOf(lab), await renderHandoutHtml(outlineHandout(lab), { student: true }))
  const index = chapters.map(({ labs, ...chapter }) => ({ ...chapter, labs: labs.map(entryOf) }))
  write('index.html', renderCourseHtml({ title: course.title, text: course.text, chapters: index }))
  stdout.write(`${join(out, 'index.html')}\n`)
  return 0
}

const pageOf = ({ name }: Lab) => `${fileName(`handout-${name}`)}.html`

function breakingOf(lab: Lab) {
  const puzzles = levelsOf(lab).length
  return puzzles === 0 ? undefined : { puzzles, command: ownCommand(`break ${lab.name}`) }
}

const entryOf = (lab: Lab) => ({
  breaking: breakingOf(lab),
  title: lab.title,
  summary: lab.summary,
  command: ownCommand(lab.name),
  file: pageOf(lab),
})
