import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { writeFolder } from '../testing/test-labs.ts'
import { imagesFolders, listRecipes } from './find-recipes.ts'
import { defaultImage } from './image-name.ts'
import { imageKey, loadRecipe } from './recipe.ts'

const files = new Map([
  ['recipe.json', '{}'],
  ['init', '#!/bin/sh'],
])

test('the key of an image is the same for the same files, in whatever order', (t) => {
  t.is(imageKey(files), imageKey(new Map([...files].reverse())))
  t.regex(imageKey(files), /^[0-9a-f]{16}$/)
})

test('the key changes with each thing that shapes the image', (t) => {
  const keys = [
    imageKey(files, 'x64'),
    imageKey(files, 'arm64'),
    imageKey(new Map([...files, ['init', '#!/bin/bash']]), 'x64'),
    imageKey(new Map([...files, ['recipe.json', '{ }']]), 'x64'),
    imageKey(new Map([...files, ['another', '']]), 'x64'),
    imageKey(
      new Map([
        ['recipe.json', '{}init'],
        ['', '#!/bin/sh'],
      ]),
      'x64',
    ),
    imageKey(new Map(), 'x64'),
  ]
  t.is(new Set(keys).size, keys.length)
})

test('the default image has a recipe', async (t) => {
  t.true(listRecipes().includes(defaultImage))
  const recipe = await loadRecipe(defaultImage)
  t.is(recipe.suite, 'bookworm')
  t.true(recipe.packages.includes('dropbear-bin'))
})

test('an unknown image is a mistake of the caller, who learns which ones there are', async (t) => {
  await t.throwsAsync(loadRecipe('../../etc'), { message: 'cannot find image "../../etc"' })
  const error = await t.throwsAsync(loadRecipe('debian-11'))
  t.like(error, {
    kind: 'usage',
    remedy: 'did you mean "debian-12"? There is a recipe for: debian-12, debian-12-frr, debian-13.',
  })
})

const recipe = JSON.stringify({
  suite: 'trixie',
  packages: [],
  services: [],
  masked: [],
  initrdModules: [],
  kernelCommandLine: '',
})

test('a recipe in the first folder comes before another of its name, and what has none is no recipe', async (t) => {
  const own = writeFolder({ 'a/recipe.json': recipe, 'b/logo.png': '' })
  const others = writeFolder({ 'a/recipe.json': '{}', 'c/recipe.json': recipe })
  t.deepEqual(listRecipes([own, others, join(own, 'gone')]), ['a', 'c'])
  t.like(await loadRecipe('a', [own, others]), { suite: 'trixie', folder: join(own, 'a') })
  t.like(await loadRecipe('c', [own, others]), { folder: join(others, 'c') })
})

test('a recipe that another user could change is refused', async (t) => {
  const folder = writeFolder({ 'a/recipe.json': recipe })
  chmodSync(join(folder, 'a'), 0o777)
  const error = await t.throwsAsync(loadRecipe('a', [folder]))
  t.regex(error?.message ?? '', /^cannot use the recipe in .*: others may change what is in /)
})

const folderOf = (recipes: Readonly<Record<string, object>>, more: Readonly<Record<string, string>> = {}) =>
  writeFolder({
    ...Object.fromEntries(Object.entries(recipes).map(([name, text]) => [`${name}/recipe.json`, JSON.stringify(text)])),
    ...more,
  })
const base = { suite: 'trixie', kernel: 'linux-image-amd64', packages: ['jq'], kernelCommandLine: 'quiet' }

test('a recipe adds its lists to those that it builds on, and has the last word of all else', async (t) => {
  const folder = folderOf(
    {
      base,
      middle: { from: 'base', packages: ['frr'], masked: ['a.timer'], kernel: 'linux-image-rt-amd64' },
      top: { from: 'middle', packages: ['jq', 'bird2'], files: { '/etc/motd': 'motd' }, script: 'last.sh' },
    },
    { 'top/motd': 'hello', 'top/last.sh': 'true' },
  )
  t.like(await loadRecipe('top', [folder]), {
    ...{
      name: 'top',
      folder: join(folder, 'base'),
      ownFolder: join(folder, 'top'),
      suite: 'trixie',
      kernelCommandLine: 'quiet',
      masked: ['a.timer'],
    },
    packages: ['linux-image-rt-amd64', 'jq', 'frr', 'bird2'],
    additions: [{ file: join(folder, 'top/motd'), to: '/etc/motd' }, { script: join(folder, 'top/last.sh') }],
  })
})

test('an image gets another key with each file of the recipes that it builds on', async (t) => {
  const folder = folderOf({ base, top: { from: 'base' } }, { 'base/init': '1' })
  const keyOf = async () => (await loadRecipe('top', [folder])).key
  const before = await keyOf()
  t.is(await keyOf(), before)
  writeFileSync(join(folder, 'base/init'), '2')
  t.not(await keyOf(), before)
})

test('packages are a layer: the same in whatever order, and none where the recipe has them all', async (t) => {
  const folder = folderOf({ base })
  const [one, other, none, own] = await Promise.all(
    ['base+frr+g++', 'base+g+++frr', 'base', 'base+jq'].map((name) => loadRecipe(name, [folder])),
  )
  t.like(one, { name: 'base+frr+g++', packages: ['linux-image-amd64', 'jq', 'frr', 'g++'] })
  t.deepEqual(other, one)
  t.deepEqual(own, none)
  t.not(one?.key, none?.key)
  t.deepEqual([one?.ownFolder, own?.ownFolder], [undefined, join(folder, 'base')])
})

test('what of a recipe is not wirelab’s own and gets into an image is told', async (t) => {
  const folder = folderOf(
    { words: { from: 'debian-12', packages: ['frr'] }, files: { from: 'debian-12', files: { '/a': 'a' } }, base },
    { 'files/a': '' },
  )
  const folders = [folder, ...imagesFolders()]
  t.is((await loadRecipe('words', folders)).foreign, undefined)
  t.is((await loadRecipe('files', folders)).foreign, join(folder, 'files'))
  t.is((await loadRecipe('base', folders)).foreign, join(folder, 'base'))
})

for (const [what, text, message] of [
  [
    'key',
    { from: 'base', package: [] },
    /recipe\.json:1:\d+: cannot use key "package": it means nothing here.*did you mean "packages"/s,
  ],
  ['image to build on', { from: 'bsae' }, /cannot find image "bsae", on which this one builds.*did you mean "base"/s],
  ['word', { suite: 'Debian 13', kernelCommandLine: '' }, /cannot use "Debian 13" as suite: expected Debian's name/],
  ['option', { from: 'base', packages: ['-y'] }, /cannot use "-y" as packages: expected a name/],
  ['lack', { suite: 'trixie' }, /cannot do without "kernelCommandLine" in a recipe that says no "from"/],
  [
    'path',
    { from: 'base', files: { '/etc/../x': 'motd' } },
    /cannot use key "\/etc\/\.\.\/x": expected an absolute path/,
  ],
  ['file', { from: 'base', files: { '/etc/motd': 'motd' } }, /cannot find file "motd" in the folder of the recipe/],
  ['script', { from: 'base', script: '../x' }, /cannot use "\.\.\/x" as script: expected the name of a file/],
  ['circle', { from: 'other' }, /cannot build on "bad": that builds on this recipe/],
  ['circle of one', { from: 'bad' }, /cannot build on "bad": that builds on this recipe/],
] as const)
  test(`a mistake in a recipe is the caller’s, with its place: ${what}`, async (t) => {
    const error = await t.throwsAsync(loadRecipe('bad', [folderOf({ bad: text, base, other: { from: 'bad' } })]), {
      message,
    })
    t.like(error, { kind: 'usage' })
  })

test('a recipe that is no JSON is a mistake with its place', async (t) => {
  const folder = writeFolder({ 'bad/recipe.json': '{ "from": "debian-12"\n  "packages": [] }' })
  await t.throwsAsync(loadRecipe('bad', [folder]), { message: /bad\/recipe\.json:2:\d+: / })
})
