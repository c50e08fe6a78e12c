import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fixtures, withClaims } from '../../import/fixtures/fixtures.ts'
import { writeLab } from '../../import/import-lab.ts'
import { makePrivateHost } from './cli-process.ts'

// Imported topologies run in real machines, with claims of what they are about: one of each format, or with
// WIRELAB_IMPORTS=all in the environment all of them.
const sample = ['containerlab/vlans', 'kathara/static-routing']
const isMeant = (name: string) => process.env['WIRELAB_IMPORTS'] === 'all' || sample.includes(name)

for (const fixture of fixtures.filter(({ name, claims }) => claims !== undefined && isMeant(name)))
  test(`${fixture.name}, imported, does what it claims`, async () => {
    const host = makePrivateHost()
    try {
      const folder = join(host.folder, 'lab')
      mkdirSync(folder)
      writeLab(folder, withClaims(fixture))
      const { exitCode, output } = await host.run(['run', folder, '--results', join(host.folder, 'results')])
      assert.equal(exitCode, 0, output)
    } finally {
      host.remove()
    }
  })
