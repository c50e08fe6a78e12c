import test from 'ava'
import { renderHandoutHtml } from '../../reports/handout/html.ts'
import { loadLabs } from './load-labs.ts'
import { outlineHandout } from './outline-handout.ts'

test("a student's handout needs no run: it has each step of the file, its commands and its questions", async (t) => {
  const [selection] = loadLabs(['bridge-veth'], { all: false, colour: false })
  if (selection === undefined) throw new Error('the lab is not there')
  const handout = outlineHandout(selection.lab)
  const page = await renderHandoutHtml(handout, { student: true })
  t.is(handout.variants[0]?.steps.length, 12)
  t.true(page.includes('ip link set veth0 master bridge0'))
  t.true(page.includes('class="question"'))
  t.notRegex(page, /class="answer"/)
})
