import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import test from 'ava'
import type { CommandEntry } from './command.ts'
import { commands } from './commands/index.ts'

const docs = join(import.meta.dirname, '..', '..', 'docs')
const table: Readonly<Record<string, CommandEntry>> = commands

for (const file of ['ci/github.yml', 'ci/gitlab.yml', 'ci.md'])
  test(`docs/${file} calls wirelab as it can be called`, async (t) => {
    const text = readFileSync(join(docs, file), 'utf8')
    const lines = [...text.matchAll(/npx wirelab ([a-z]+) ([^\n`#]*)/g)]
    t.true(lines.length > 2)
    for (const [line, name = '', words = ''] of lines) {
      const entry = Object.hasOwn(table, name) ? table[name] : undefined
      if (entry === undefined) {
        t.fail(line)
        continue
      }
      const { options } = await entry.load()
      t.notThrows(() => parseArgs({ args: words.trim().split(/ +/), options, allowPositionals: true }), line)
    }
  })
