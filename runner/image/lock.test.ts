import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import ava, { type TestFn } from 'ava'
import { buildImage, updateImage } from './build.ts'
import { type FakeHost, goodBuild, makeFakeHost } from './fake-host.ts'
import { openImage } from './image.ts'
import { parseLock, renderLock } from './lock.ts'

const test = ava as TestFn<FakeHost & { readonly recipe: string; readonly lockPath: string }>
const { cwd } = process

test.beforeEach(async (t) => {
  const host = await makeFakeHost()
  // A recipe of one's own, in a folder that is nobody else's.
  const recipe = join(host.images, '../../images/own')
  await mkdir(recipe, { recursive: true })
  const lists = { packages: ['bird2'], services: [], masked: [], initrdModules: [] }
  await writeFile(join(recipe, 'recipe.json'), JSON.stringify({ suite: 'bookworm', kernelCommandLine: '', ...lists }))
  // Recipes are looked for where one stands, and a test's thread stands where all do.
  process.cwd = () => join(recipe, '../..')
  t.context = { ...host, recipe: join(recipe, 'recipe.json'), lockPath: join(recipe, 'image.lock') }
})
test.afterEach.always(async (t) => {
  process.cwd = cwd
  await t.context.remove()
})

const quietly = () => ({ signal: AbortSignal.timeout(30_000), onProgress: () => {} })

/** What mmdebstrap does when the mirror has no more what is locked, unless its sources match a pattern. */
const outdatedMirror = (unless: string) => `
case "$*" in
*--setup-hook=*)
  case "$*" in ${unless}) ;; *)
    cut -d ' ' -f 1-3 "$WIRELAB_OUTPUT/locked" >"$WIRELAB_OUTPUT/missing"
    echo 'E: setup hook failed' >&2
    exit 25 ;;
  esac ;;
esac
${goodBuild}`

/** Locks bird2 in a version that the fake build does not install. */
async function lockOlder({ lockPath }: { readonly lockPath: string }) {
  const older = { version: '2.0.11-1', sha256: 'a'.repeat(64) }
  const head = { suite: 'bookworm', date: '2026-01-02T03:04:05.000Z', architecture: 'amd64' }
  await writeFile(lockPath, renderLock({ ...head, packages: { bird2: older } }))
}

test.serial('an update locks what it installed, and its image is that of the lock', async (t) => {
  await t.context.mmdebstrap(`case "$*" in *--setup-hook*) exit 1 ;; esac; ${goodBuild}`)
  await lockOlder(t.context)
  const { image, lock, former } = await updateImage('own', quietly())
  t.deepEqual(lock.packages, { bird2: { version: '2.0.12-7', sha256: `${'0'.repeat(63)}7` } })
  t.is(former?.packages['bird2']?.version, '2.0.11-1')
  t.deepEqual(parseLock('', await readFile(t.context.lockPath, 'utf8')), lock)
  t.is((await openImage('own')).folder, image.folder)
})

test.serial('a build may install what is locked and nothing else', async (t) => {
  await t.context.mmdebstrap(goodBuild)
  await updateImage('own', quietly())
  await t.context.mmdebstrap(`
    case "$*" in *'--setup-hook=sh "$WIRELAB_LOCK_PACKAGES" "$1"'*) ;; *) exit 1 ;; esac
    grep -qx "bird2 2.0.12-7 0*7" "$WIRELAB_OUTPUT/locked"
    ${goodBuild}`)
  const image = await openImage('own')
  await writeFile(image.root, 'damaged')
  t.true((await buildImage('own', quietly())).made)
})

test.serial('what the mirror has no more comes from the snapshot archive of the lock’s day and the next', async (t) => {
  await lockOlder(t.context)
  await t.context.mmdebstrap(
    outdatedMirror('*archive/debian/20260102T030405Z*archive/debian-security/20260103T030405Z*'),
  )
  const said: string[] = []
  const { made } = await buildImage('own', { ...quietly(), onProgress: (message) => said.push(message) })
  t.true(made)
  t.true(said.includes("Asking Debian's snapshot archive for 1 packages"))
})

test.serial('what is nowhere to be had is named, with what to do', async (t) => {
  await lockOlder(t.context)
  await t.context.mmdebstrap(outdatedMirror('nothing'))
  const error = await t.throwsAsync(buildImage('own', quietly()), {
    message:
      "cannot build image own as its lock says: Debian's mirror has no more bird2 2.0.11-1, nor has its snapshot archive",
  })
  t.like(error, { kind: 'machinery', remedy: 'To lock what there is now: npm run lab image update own' })
})

test.serial('a snapshot archive that cannot be reached is named', async (t) => {
  await lockOlder(t.context)
  const unreachable = 'echo "Err:1 http://snapshot.debian.org x" >&2; echo "  No route" >&2; exit 25'
  await t.context.mmdebstrap(`case "$*" in *snapshot.debian*) ${unreachable} ;; esac; ${outdatedMirror('nothing')}`)
  await t.throwsAsync(buildImage('own', quietly()), {
    message: /has no more bird2 2\.0\.11-1, and its snapshot archive: Err:1 http:\/\/snapshot\.debian\.org x No route$/,
  })
})

test.serial('what breaks when all locked packages were found is no matter of the lock', async (t) => {
  await lockOlder(t.context)
  const breaks = ': >"$WIRELAB_OUTPUT/missing"; echo "E: dpkg failed" >&2; exit 25'
  await t.context.mmdebstrap(`case "$*" in *snapshot.debian*) ${breaks} ;; esac; ${outdatedMirror('nothing')}`)
  const options = { ...quietly(), unmetLock: 'give way' as const }
  await t.throwsAsync(buildImage('own', options), { message: 'cannot build image own: E: dpkg failed' })
})

test.serial('a lock that may give way does, and what differs is told', async (t) => {
  await lockOlder(t.context)
  await t.context.mmdebstrap(outdatedMirror('nothing'))
  const remarks: string[] = []
  const options = { ...quietly(), unmetLock: 'give way' as const, onRemark: (line: string) => remarks.push(line) }
  t.true((await buildImage('own', options)).made)
  t.false((await buildImage('own', options)).made)
  await t.throwsAsync(
    buildImage('own', quietly()),
    { message: /as its lock says/ },
    'it is no image for who wants the lock',
  )
  t.regex(
    remarks.join(),
    /no more bird2 2\.0\.11-1.*Built with bird2 2\.0\.12-7 \(locked: 2\.0\.11-1\)\. .*image update own/s,
  )
})

test.serial('a lock of another recipe is refused before anything is installed', async (t) => {
  await lockOlder(t.context)
  const recipe = JSON.parse(await readFile(t.context.recipe, 'utf8'))
  await writeFile(t.context.recipe, JSON.stringify({ ...recipe, packages: ['bird2', 'frr'] }))
  await t.context.mmdebstrap('exit 1')
  await t.throwsAsync(buildImage('own', quietly()), { message: /as its lock says: the lock does not name frr$/ })
})

test.serial('a damaged lock is named', async (t) => {
  await lockOlder(t.context)
  for (const text of [
    '',
    '{}',
    renderLock(parseLock('', await readFile(t.context.lockPath, 'utf8'))).replace('2.0.11', '2.0.11 || 1'),
  ]) {
    await writeFile(t.context.lockPath, text)
    const message = /^cannot read the lock .*images\/own\/image\.lock: /
    await t.throwsAsync(buildImage('own', quietly()), { message })
  }
})
