import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { writeFolder } from '../testing/test-labs.ts'
import { defaultImage, imageKey, listRecipes, loadRecipe } from './recipe.ts'

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
  t.true((await listRecipes()).includes(defaultImage))
  const recipe = await loadRecipe(defaultImage)
  t.is(recipe.suite, 'bookworm')
  t.true(recipe.packages.includes('dropbear-bin'))
})

test('an unknown image is a mistake of the caller, who learns which ones there are', async (t) => {
  await t.throwsAsync(loadRecipe('../../etc'), { message: 'cannot find image "../../etc"' })
  const error = await t.throwsAsync(loadRecipe('debian-11'))
  t.like(error, { kind: 'usage', remedy: 'There is a recipe for: debian-12.' })
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
  t.deepEqual(await listRecipes([own, others, join(own, 'gone')]), ['a', 'c'])
  t.like(await loadRecipe('a', [own, others]), { suite: 'trixie', folder: join(own, 'a') })
  t.like(await loadRecipe('c', [own, others]), { folder: join(others, 'c') })
})

test('a recipe that another user could change is refused', async (t) => {
  const folder = writeFolder({ 'a/recipe.json': recipe })
  chmodSync(join(folder, 'a'), 0o777)
  const error = await t.throwsAsync(loadRecipe('a', [folder]))
  t.regex(error?.message ?? '', /^cannot use the recipe in .*: others may change what is in /)
})
