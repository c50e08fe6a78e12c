import { globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import test from 'ava'
import { z } from 'zod'
import { agentFiles } from '../image/recipe.ts'
import type { CommandEntry } from './command.ts'
import { commands } from './commands/index.ts'
import { parseYamlAs } from './parse-yaml-as.ts'

const root = join(import.meta.dirname, '..', '..')
const docs = join(root, 'docs')
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

const jobSchema = z.object({
  extends: z.string().optional(),
  cache: z.object({ policy: z.string(), key: z.object({ files: z.array(z.string()) }).optional() }).optional(),
  allow_failure: z.object({ exit_codes: z.number() }).optional(),
})

test('of all jobs on GitLab one makes the image, and none fails for what it could not tell before the report', (t) => {
  const read = parseYamlAs(
    'gitlab.yml',
    readFileSync(join(docs, 'ci/gitlab.yml'), 'utf8'),
    z.record(z.string(), z.unknown()),
  )
  const { stages: _, ...rest } = read
  const all = z.record(z.string(), jobSchema).parse(rest)
  /** What a job is with all that it extends, as far as GitLab joins it: a mapping key by key. */
  const whole = (name: string): z.infer<typeof jobSchema> => {
    const job = all[name] ?? {}
    const base = job.extends === undefined ? {} : whole(job.extends)
    const cache = base.cache || job.cache ? { cache: { policy: '', ...base.cache, ...job.cache } } : {}
    return { ...base, ...job, ...cache }
  }
  const jobs = Object.keys(all).filter((name) => !name.startsWith('.'))
  t.deepEqual(
    jobs.filter((name) => whole(name).cache?.policy !== 'pull'),
    ['image'],
  )
  t.is(whole('image').cache?.policy, 'pull-push')
  // GitLab takes no more than two.
  for (const name of jobs) t.deepEqual(whole(name).cache?.key?.files, ['package-lock.json', 'images/**/*'])
  for (const name of ['labs', 'mutations', 'report']) t.is(whole(name).allow_failure?.exit_codes, 3, name)
  t.is(whole('image').allow_failure, undefined)
})

test('the key of a cached image changes with all that the image is made of', (t) => {
  const made = [agentFiles.agent, ...agentFiles.modules].map((file) => relative(root, file))
  for (const file of ['ci.yml', 'nightly.yml']) {
    const text = readFileSync(join(root, '.github/workflows', file), 'utf8')
    const keys = [...text.matchAll(/key: image-.*hashFiles\((.*)\)/g)].map(([, patterns = '']) => patterns)
    t.true(keys.length > 0)
    for (const key of keys) {
      const hashed = new Set(globSync(key.replaceAll("'", '').split(', '), { cwd: root }))
      for (const one of ['images/debian-12/image.lock', 'runner/image/build.ts', ...made]) t.true(hashed.has(one), one)
    }
  }
})
