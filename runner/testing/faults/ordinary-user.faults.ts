import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { asUser, noOtherUser } from '../other-user.ts'
import { copyCache } from './copy-cache.ts'
import { snapshotHost, whatIsNew } from './host-snapshot.ts'

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')
/** A number that the system has no name for, and other runs of this test hardly have. */
const uid = 65_300 + (process.pid % 200)

const skip = noOtherUser || whyUnreadable()

/** Whether that user can start this Node and read this checkout. */
function whyUnreadable() {
  try {
    asUser(uid, process.execPath, [main, '--help'])
    return false
  } catch {
    return 'other users cannot read the checkout'
  }
}

test('an ordinary user passes without a network, a locale and all XDG variables, and leaves nothing', {
  skip,
}, async () => {
  const home = mkdtempSync('/tmp/wl-home-')
  const marked = `${process.env['PATH']}:${home}`
  // Without XDG variables its runtime folders lie in /tmp.
  const look = () => snapshotHost({ mark: `PATH=${marked}`, folders: [`/tmp/wirelab-runs-${uid}`] })
  try {
    mkdirSync(join(home, '.cache'))
    await copyCache(join(home, '.cache', 'wirelab'))
    for (const path of ['', ...readdirSync(home, { recursive: true })].map((name) => join(home, String(name))))
      chownSync(path, uid, uid)
    chmodSync(home, 0o700)
    const before = look()
    const asThem = [
      'setpriv',
      `--reuid=${uid}`,
      `--regid=${uid}`,
      '--clear-groups',
      '--no-new-privs',
      '--',
      'env',
      '-i',
    ]
    const environment = [`PATH=${marked}`, `HOME=${home}`, 'LANG=C']
    const words = [process.execPath, main, 'bridge-veth', '--results', join(home, 'results')]
    const offline = ['--net', 'sh', '-ec', 'ip link set lo up; exec "$@"', 'sh']
    const { status, stdout, stderr } = spawnSync('unshare', [...offline, ...asThem, ...environment, ...words], {
      cwd: home,
      encoding: 'utf8',
    })
    assert.equal(status, 0, stdout + stderr)
    assert.equal(stderr, '')
    assert.match(stdout, /^\d+ passed in /m)
    assert.deepEqual(whatIsNew(before, look()), [])
    assert.equal(statSync(join(home, 'results', 'report.html')).uid, uid)
    assert.deepEqual(
      readdirSync('/tmp').filter((name) => statSync(join('/tmp', name), { throwIfNoEntry: false })?.uid === uid),
      [home.slice('/tmp/'.length)],
    )
  } finally {
    rmSync(home, { recursive: true })
  }
})
