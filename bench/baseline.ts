import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { usageError } from '../runner/errors.ts'
import type { Tree } from './run-npm.ts'

/** The root of the checkout that this file is part of. */
const root = join(import.meta.dirname, '..')

/** The checkout that this file is part of. */
export const thisTree = async (): Promise<Tree> => ({
  ...{ name: 'this', root },
  commit: await git('describe', '--always', '--dirty').catch(() => 'unknown'),
})

/**
 * Checks a git ref out beside this checkout, as long as `use` takes. It has this checkout's packages where it locks the
 * same, else its own.
 * @throws WirelabError of kind usage when there is no such commit; what `use` throws
 */
export async function withBaseline<T>(ref: string, signal: AbortSignal, use: (tree: Tree) => Promise<T>): Promise<T> {
  const commit = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`).catch(() => {
    throw usageError(`cannot measure ${ref}: git knows no such commit`)
  })
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-baseline-'))
  const tree = join(folder, 'wirelab')
  try {
    await git('worktree', 'add', '--quiet', '--detach', tree, commit)
    const [ours, theirs] = [root, tree].map((at) => readFileSync(join(at, 'package-lock.json'), 'utf8'))
    if (ours === theirs) symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
    else await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], { cwd: tree, signal })
    return await use({ name: 'before', root: tree, commit: await git('describe', '--always', commit) })
  } finally {
    await git('worktree', 'remove', '--force', tree).catch(() => git('worktree', 'prune'))
    rmSync(folder, { recursive: true, force: true })
  }
}

const git = async (...words: string[]) => (await promisify(execFile)('git', words, { cwd: root })).stdout.trim()
