import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { type HostPackage, installLine, missingPackages } from './host-packages.ts'

const packageOf = (name: string, provides: string): HostPackage => ({ name, provides, purpose: '' })

test('a package is there when its program is in the PATH, or its file exists', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wirelab-packages-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const [one, two] = [join(folder, 'one'), join(folder, 'two')]
  await Promise.all([mkdir(one), mkdir(two)])
  await writeFile(join(two, 'present'), '')
  await chmod(join(two, 'present'), 0o755)
  await writeFile(join(two, 'not-executable'), '')
  await chmod(join(two, 'not-executable'), 0o644)
  await mkdir(join(two, 'a-folder'))

  const missing = await missingPackages(
    [
      packageOf('a', 'present'),
      packageOf('b', 'not-executable'),
      packageOf('c', 'a-folder'),
      packageOf('d', 'absent'),
      packageOf('e', join(two, 'not-executable')),
      packageOf('f', join(two, 'absent')),
    ],
    `${one}::/no/such/folder:${two}`,
  )
  t.deepEqual(
    missing.map(({ name }) => name),
    ['b', 'c', 'd', 'f'],
  )
})

test('the line that installs packages can be pasted into a shell', (t) => {
  t.is(
    installLine([packageOf('mmdebstrap', 'mmdebstrap'), packageOf('uidmap', 'newuidmap')]),
    'apt-get update && apt-get install --yes --no-install-recommends mmdebstrap uidmap',
  )
})
