import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** For tests: a cache of its own, and programs in the PATH that stand in for those that build an image. */
export interface FakeHost {
  readonly images: string
  /** What mmdebstrap does from now on: a piece of shell, with the variables that the hook gets. */
  mmdebstrap(script: string): Promise<void>
  remove(): Promise<void>
}

/** What the recipe's hook leaves when all goes well. */
export const goodBuild = `
echo 'I: downloading packages with apt...' >&2
for file in vmlinuz initrd root.erofs; do echo "$file" >"$WIRELAB_OUTPUT/$file"; done
echo 6.1.0-test >"$WIRELAB_OUTPUT/kernel-release"
printf '%s\n' bridge vrf >"$WIRELAB_OUTPUT/modules"
printf '%s\n' bash birdc >"$WIRELAB_OUTPUT/commands"
printf 'Package: bird2\\nStatus: install ok installed\\nVersion: 2.0.12-7\\n' >"$WIRELAB_OUTPUT/dpkg-status"
printf "Package: bird2\\nVersion: 2.0.12-7\\nSHA256: $(printf %064d 7)\\n" >"$WIRELAB_OUTPUT/installed"
`

/** Changes this process's environment: only for tests that run serially, in a file of their own. */
export async function makeFakeHost(): Promise<FakeHost> {
  const folder = await mkdtemp(join(tmpdir(), 'wirelab-fake-host-'))
  const programs = join(folder, 'bin')
  await mkdir(programs)
  const program = async (name: string, script: string) => {
    await writeFile(join(programs, name), `#!/bin/sh\nset -eu\n${script}\n`)
    await chmod(join(programs, name), 0o755)
  }
  // An ordinary user's namespace: options away, and on.
  await program('unshare', 'while case $1 in -*) true ;; *) false ;; esac do shift; done; exec "$@"')
  await program('apt-get', 'exit 1')
  const { PATH, XDG_CACHE_HOME } = process.env
  process.env['PATH'] = `${programs}${delimiter}${PATH}`
  process.env['XDG_CACHE_HOME'] = folder
  return {
    images: join(folder, 'wirelab/images'),
    mmdebstrap: (script) => program('mmdebstrap', script),
    async remove() {
      process.env['PATH'] = PATH
      if (XDG_CACHE_HOME === undefined) delete process.env['XDG_CACHE_HOME']
      else process.env['XDG_CACHE_HOME'] = XDG_CACHE_HOME
      await rm(folder, { recursive: true, force: true })
    },
  }
}
