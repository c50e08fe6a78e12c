import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ava, { type TestFn } from 'ava'
import { type FakeVagrant, makeFakeVagrant } from './fake-vagrant.ts'
import { makeVagrantHome } from './vagrant-home.ts'

const test = ava as TestFn<FakeVagrant>

test.beforeEach((t) => {
  t.context = makeFakeVagrant()
})
test.afterEach.always((t) => t.context.remove())

test.serial('a run has the user’s boxes and plugins, and no machines but its own', (t) => {
  const { folder, addBox } = t.context
  addBox('a-box')
  const users = join(folder, 'vagrant')
  mkdirSync(join(users, 'data', 'machine-index'), { recursive: true })
  writeFileSync(join(users, 'plugins.json'), '{}')
  const home = makeVagrantHome(folder)
  t.true(existsSync(join(home, 'boxes', 'a-box')))
  t.true(existsSync(join(home, 'plugins.json')))
  t.false(existsSync(join(home, 'data')))
})

test.serial('whoever never used Vagrant has an empty home', (t) => {
  t.notThrows(() => makeVagrantHome(t.context.folder))
})
