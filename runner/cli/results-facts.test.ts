import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { summarise } from '../../reports/run/summary.ts'
import type { RunEvent } from '../events.ts'
import { readResultsFacts } from './results-facts.ts'

/** A capture of one ARP request, in the format of pcap-savefile(5). */
const oneFrame = Buffer.from(
  'd4c3b2a1020004000000000000000000000004000100000000000000000000002a0000002a000000' +
    'ffffffffffff02000000000108060001080006040001020000000001' +
    '0a00030f0000000000000a000310',
  'hex',
)

const saved = (path: string): RunEvent => ({
  type: 'capture-saved',
  at: 1,
  scope: 'a/default',
  step: 0,
  capture: 'cable',
  endpoint: 'a:eth1',
  where: 'cable',
  frames: 1,
  path,
})

async function inFolder(use: (folder: string) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-facts-'))
  try {
    await use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test("a folder's captures are decoded, and its packages and files are listed", (t) =>
  inFolder(async (folder) => {
    mkdirSync(join(folder, 'a/default'), { recursive: true })
    writeFileSync(join(folder, 'a/default/cable.pcap'), oneFrame)
    writeFileSync(join(folder, 'manifest.json'), '{"packages":{"iproute2":"6.1.0-3"}}')
    const { decoded, packages, files } = await readResultsFacts(folder, summarise([saved('a/default/cable.pcap')]))
    t.regex(decoded?.get('a/default/cable.pcap') ?? '', /Request who-has 10.0.3.16 tell 10.0.3.15/)
    t.deepEqual(packages, { iproute2: '6.1.0-3' })
    t.deepEqual(files, ['a/default/cable.pcap', 'manifest.json'])
  }))

test('a package of which images have different versions is listed with all of them', (t) =>
  inFolder(async (folder) => {
    const moreImages = { 'debian-12-frr': { packages: { frr: '8.4', bird2: '2.0', bash: '5.2' } } }
    writeFileSync(
      join(folder, 'manifest.json'),
      JSON.stringify({ packages: { bird2: '2.17', bash: '5.2' }, moreImages }),
    )
    const { packages } = await readResultsFacts(folder, summarise([]))
    t.deepEqual(packages, { bird2: '2.17, 2.0', bash: '5.2', frr: '8.4' })
  }))

test('what is missing, broken or outside of the folder is left out', (t) =>
  inFolder(async (folder) => {
    mkdirSync(join(folder, 'inner'))
    writeFileSync(join(folder, 'outside.pcap'), oneFrame)
    writeFileSync(join(folder, 'inner/broken.pcap'), 'nonsense')
    writeFileSync(join(folder, 'inner/manifest.json'), '{"packages":')
    const events = ['absent.pcap', 'broken.pcap', '../outside.pcap'].map(saved)
    const { decoded, packages } = await readResultsFacts(join(folder, 'inner'), summarise(events))
    t.is(decoded?.size, 0)
    t.is(packages, undefined)
  }))
