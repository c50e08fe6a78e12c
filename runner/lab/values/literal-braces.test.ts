import test from 'ava'
import { valueIn } from '../../steps/actions/action.ts'
import { copy } from '../../steps/actions/copy.ts'
import { run } from '../../steps/actions/run.ts'
import { labOf, withSteps } from '../../testing/test-labs.ts'
import { fillKept } from './kept.ts'
import { withBraces } from './placeholders.ts'

const kept = new Map([['key', 'a b']])

function scriptOf(script: string, head = ''): string | undefined {
  const step = labOf(withSteps(`  - { name: a, on: host, run: ${JSON.stringify(script)} }`, head)).variants[0]?.steps[0]
  const text = step && valueIn(step, run)?.text
  return text === undefined ? undefined : fillKept(text, kept, true)
}

test('{{! is a literal {{ in commands, values and files', (t) => {
  t.is(scriptOf("docker ps --format '{{!end}} {{!!x}}'"), "docker ps --format '{{end}} {{!x}}'")
  t.is(scriptOf('echo {{a}}', 'values: { a: "{{!b}}" }'), "echo '{{b}}'")
  const lab = labOf(withSteps('  - { name: a, on: host, copy: { /f: f } }', 'values: { a: x }'), {
    f: '{{!host}} {{a}} {{!!}}',
  })
  const [file] = lab.variants[0]?.steps[0] ? (valueIn(lab.variants[0].steps[0], copy) ?? []) : []
  t.is(Buffer.from(file?.content ?? []).toString(), '{{host}} x {{!}}')
})

test('{{!kept.name}} is literal too, however often it is marked', (t) => {
  t.is(scriptOf('echo {{!kept.key}} {{!!kept.key}}'), 'echo {{kept.key}} {{!kept.key}}')
})

test('a kept value is one word of the shell, or refused where it can be none', (t) => {
  t.is(fillKept('echo {{kept.key}}', kept, true), "echo 'a b'")
  t.is(fillKept('echo "{{kept.key}}"', new Map([['key', 'a+/=']]), true), 'echo "a+/="')
  t.throws(() => fillKept('echo "{{kept.key}}"', kept, true), {
    message: 'cannot fill in {{kept.key}} inside quotes: "a b" is no plain word',
  })
  t.is(fillKept('say {{kept.key}}', kept), 'say a b')
})

test('any text can be written so that it stays what it is', (t) => {
  for (const text of ['{{a}} {{ b }}', '{{!', '{{{a}}}', '{{kept.a}} {{!kept.a}}', 'none { of } them'])
    t.is(scriptOf(`true ${withBraces(text)}`), `true ${text}`)
})
