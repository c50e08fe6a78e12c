import { spawnSync } from 'node:child_process'
import test from 'ava'
import { lineOf, splitWords } from './shell-lines.ts'

const lineFor = (line: string) => lineOf(line, splitWords(line) ?? [])

test('a command stays as it stands where a shell means the same by it', (t) => {
  for (const line of ['ip addr add 10.0.0.1/24 dev eth1', `bash -c 'a; b > c'`, 'echo "two words"', "sh -c 'echo $x'"])
    t.is(lineFor(line), line)
})

test('what only a shell would act on is quoted', (t) => {
  t.is(lineFor('echo a; b > $x *'), "echo 'a;' b '>' '$x' '*'")
  t.is(lineFor("echo \"$HOME\" \\; 'it'\"'\"'s'"), `echo '$HOME' ';' 'it'\\''s'`)
})

test('a shell finds in the line the words that the tool would have run', (t) => {
  const lines = ['a "b c" d\\ e', `x'y'"z"`, '# no comment', 'a\\\\b "c\\"d"', '~ {a,b} [x] !y', 'a=b c', "''", '"`w`"']
  for (const line of lines) {
    const words = splitWords(line) ?? []
    const script = `set -- ${lineFor(line)}; for word; do printf '%s\\n' "$word"; done`
    t.is(
      spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout,
      words.map((word) => `${word}\n`).join(''),
      line,
    )
  }
})

test('a quote that is not closed makes no words', (t) => {
  for (const line of ['"a', "'a", 'a "b\\"', 'a\\']) t.is(splitWords(line), undefined, line)
})
