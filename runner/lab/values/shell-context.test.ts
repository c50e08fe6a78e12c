import test from 'ava'
import { shellContexts } from './shell-context.ts'

/** Contexts of each `@` in a script. */
const contextsOf = (script: string) =>
  shellContexts(
    script,
    Array.from(script.matchAll(/@/g), ({ index }) => index),
  )

test('words outside of quotes are bare', (t) => {
  t.deepEqual(contextsOf('echo @ a@b; (cd @)'), ['bare', 'bare', 'bare'])
})

test('quotes of all kinds are quotes, and end', (t) => {
  t.deepEqual(contextsOf(`'@' @ "@" @ $'\\'@' @`), ['quotes', 'bare', 'quotes', 'bare', 'quotes', 'bare'])
})

test('an escaped quote opens nothing, and what is escaped cannot be quoted', (t) => {
  t.deepEqual(contextsOf(`\\" @ \\@ "\\"@" @`), ['bare', 'quotes', 'quotes', 'bare'])
})

test('a command substitution in quotes begins anew', (t) => {
  t.deepEqual(contextsOf(`"$(ip @ "@" (@))" @`), ['bare', 'quotes', 'bare', 'bare'])
})

test('backticks are bare, but not inside double quotes', (t) => {
  t.deepEqual(contextsOf('`@` @ "`@`" @'), ['bare', 'bare', 'quotes', 'bare'])
})

test('an apostrophe in a comment opens nothing', (t) => {
  t.deepEqual(contextsOf(`# it's @\necho @ a#b @`), ['comment', 'bare', 'bare'])
})

test('a here-document lasts until its word', (t) => {
  t.deepEqual(contextsOf(`cat <<EOF @\nit's @\nEOF\n@`), ['bare', 'here-document', 'bare'])
  t.deepEqual(contextsOf(`cat <<-'END'\n\t"@\n\tEND\n@`), ['here-document', 'bare'])
})

test('a here-string is no here-document', (t) => {
  t.deepEqual(contextsOf('cat <<<EOF\n@'), ['bare'])
})
