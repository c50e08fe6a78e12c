import test from 'ava'
import { drawJunit } from '../fixtures/draw.ts'
import { fixtureEvents, readFixture } from '../fixtures/fixture.ts'
import { hostileOutputs } from '../fixtures/hostile.ts'
import { plainText } from '../text/plain-text.ts'
import { parseXml } from './parse-xml.ts'
import { renderXml, type XmlElement } from './xml.ts'

for (const [what, output] of Object.entries({ ...hostileOutputs, nothing: '', 'white space': ' \n\t ' })) {
  test(`an element that holds ${what} comes back as it was written`, (t) => {
    const text = plainText(output)
    const leaf: XmlElement = { name: 'system-out', attributes: { name: text, 'a-b': 'x' }, text }
    t.deepEqual(
      parseXml([...renderXml({ name: 'a', attributes: {}, children: [leaf, { name: 'b', attributes: {} }] })].join('')),
      {
        name: 'a',
        attributes: {},
        children: [leaf, { name: 'b', attributes: {} }],
      },
    )
  })
}

test('a report comes back, and is written again as it was', (t) => {
  for (const file of ['every-outcome.xml', 'mutations.xml'])
    t.is([...renderXml(parseXml(readFixture(file)))].join(''), readFixture(file))
})

test('what is no report of ours is refused with its line', (t) => {
  const xml = drawJunit(fixtureEvents('passed'))
  const refusal = (text: string) => t.throws(() => parseXml(text))?.message
  t.is(refusal(''), 'line 1: the declaration of XML in UTF-8 is missing')
  t.is(refusal(xml.replace('<properties>', '<!-- x --><properties>')), 'line 4: an element is missing')
  t.is(
    refusal(xml.replace('<properties>', '<properties>text')),
    'line 18: an element without text beside others in properties is missing',
  )
  t.is(refusal(xml.replace('"wirelab"', "'wirelab'")), 'line 2: an element is missing')
  t.regex(refusal(xml.slice(0, -30)) ?? '', /^line \d+: .* is missing$/)
  t.is(refusal(`${xml}<more/>`), `line ${xml.split('\n').length - 1}: the end of the document is missing`)
  t.regex(refusal(xml.replace('name="wirelab"', 'name="&nbsp;"')) ?? '', /a character for &nbsp; is missing/)
  t.regex(refusal(xml.replaceAll('testsuite>', 'x>')) ?? '', /<\/testsuite> is missing/)
  t.regex(refusal(`<?xml version="1.0" encoding="UTF-8"?>\n${'<a>'.repeat(100_000)}`) ?? '', /an end to elements/)
})

test('every cut of a report is refused', (t) => {
  const xml = drawJunit(fixtureEvents('passed'))
  for (let length = 0; length < xml.length; length += 1)
    t.throws(() => parseXml(xml.slice(0, length)), undefined, `${length}`)
})
