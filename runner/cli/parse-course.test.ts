import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { findUnbalanced } from '../../reports/fixtures/markup.ts'
import { renderCourseHtml } from '../../reports/handout/course-html.ts'
import { listLabNames } from '../lab/find-lab.ts'
import { shippedLabs } from './labs-folder.ts'
import { parseCourse } from './parse-course.ts'

test("wirelab's own course has each of its labs once", (t) => {
  const file = join(shippedLabs, 'course.yaml')
  const { chapters } = parseCourse(file, readFileSync(file, 'utf8'))
  t.deepEqual(chapters.flatMap(({ labs }) => labs).toSorted(), [...listLabNames(shippedLabs)].toSorted())
})

test('a mistake in a course is shown where it stands', (t) => {
  const text = 'title: x\nchapters:\n  - title: a\n    lab: [b]\n'
  t.throws(() => parseCourse('course.yaml', text), { message: /course\.yaml:4:5/ })
  t.throws(() => parseCourse('course.yaml', ''), { message: /course\.yaml/ })
})

test('labs are numbered throughout, and what a course says is text', (t) => {
  const lab = { title: 'A <b>', summary: 's', command: 'npm run lab a', file: 'handout-a.html' }
  const puzzling = { ...lab, breaking: { puzzles: 1, command: 'npm run lab break a' } }
  const chapter = { title: 'One', text: undefined, labs: [lab, puzzling] }
  const page = renderCourseHtml({ title: 't', text: undefined, chapters: [chapter, chapter] })
  t.is(findUnbalanced(page), undefined)
  t.true(page.includes('start="3"'))
  t.true(page.includes('A &lt;b&gt;'))
  t.is(page.split('<p>1 puzzle: <code>npm run lab break a</code></p>').length, 3)
})
