import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'

// What Vagrant makes of the Vagrantfile for providers that this host has not. Part of `npm run test:vagrant`.

const root = join(import.meta.dirname, '..', '..', '..')
const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'wirelab-vagrantfile-'))
after(() => rmSync(folder, { recursive: true, force: true }))

// Both answer that they are there, and nothing else.
const programs = join(folder, 'programs')
mkdirSync(programs)
writeFileSync(join(programs, 'docker'), '#!/bin/sh\n', { mode: 0o755 })
writeFileSync(join(programs, 'VBoxManage'), '#!/bin/sh\necho 7.0.20r1\n', { mode: 0o755 })
const path = `${programs}:${process.env['PATH']}`

/** Asks Vagrant itself, in Ruby, for the settings of all machines. */
const askVagrant = `
require 'vagrant'
env = Vagrant::Environment.new(cwd: ARGV[0], ui_class: Vagrant::UI::Silent)
machines = env.machine_names.map do |name|
  config = env.machine(name, :virtualbox).config
  options = config.vm.networks.select { |type, _| type == :private_network }.map { |_, each| each }
  { name: name, networks: options.map { |each| each[:virtualbox__intnet] },
    macs: options.map { |each| each[:mac] }, configured: options.any? { |each| each[:auto_config] },
    settings: env.machine(name, :virtualbox).provider_config.customizations.map { |_, words| words.last(2).join(' ') } }
end
puts JSON.generate(machines)`

interface Machine {
  readonly name: string
  readonly networks: readonly string[]
  readonly macs: readonly string[]
  readonly configured: boolean
  readonly settings: readonly string[]
}

test('under VirtualBox each cable is an internal network of its own, and each NIC takes every frame', async () => {
  const { stdout } = await run('ruby', ['-e', askVagrant, root], {
    env: { ...process.env, PATH: path, VAGRANT_DOTFILE_PATH: join(folder, 'dotfile'), WIRELAB_LAB: 'vlan-trunk' },
  })
  const machines = JSON.parse(stdout) as readonly Machine[]
  assert.deepEqual(
    machines.map(({ name }) => name),
    ['sw1', 'sw2'],
  )
  const [left, right] = machines
  assert.equal(left?.networks.length, 1)
  assert.deepEqual(left?.networks, right?.networks)
  assert.notDeepEqual(left?.macs, right?.macs)
  for (const { macs, configured, settings } of machines) {
    assert.match(macs[0] ?? '', /^02[0-9A-F]{10}$/)
    assert.equal(configured, false)
    assert.ok(settings.includes('--nicpromisc2 allow-all'))
    assert.ok(settings.includes('--memory 384'))
  }
})

test('a provider without cables between two machines is refused, and so is a lab that is none', async () => {
  const vagrantUp = (environment: Record<string, string>, ...words: string[]) =>
    run('vagrant', ['up', ...words], {
      cwd: root,
      env: { ...process.env, VAGRANT_DOTFILE_PATH: join(folder, 'refused'), ...environment },
    }).then(
      () => 'it went well',
      (error: { stderr: string }) => error.stderr,
    )
  assert.match(
    await vagrantUp({ PATH: path }, '--provider', 'docker'),
    /cannot bring a lab up on docker: .*\nUse: vagrant up --provider libvirt/,
  )
  assert.match(
    await vagrantUp({ WIRELAB_LAB: 'vlan-trnk' }),
    /cannot find lab "vlan-trnk".*\ndid you mean "vlan-trunk"/,
  )
  assert.match(await vagrantUp({ WIRELAB_PLAN: '/nowhere' }), /cannot plan a lab: No such file or directory.*\/nowhere/)
})
