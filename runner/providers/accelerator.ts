import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { machineryError } from '../errors.ts'
import { cacheFolder, makeCacheFolder } from '../host/cache.ts'

/** How machines are run: on the host's processor, or emulated. */
export type Accelerator = 'kvm' | 'tcg'

/** What --accel may say; the first is the default. */
export const acceleratorWishes = ['auto', 'kvm', 'tcg'] as const

export type AcceleratorWish = (typeof acceleratorWishes)[number]

export interface AcceleratorChoice {
  readonly accelerator: Accelerator
  /** Why, in words for a person. */
  readonly reason: string
}

/** Whether guests run under this host's KVM. */
export interface KvmVerdict {
  readonly works: boolean
  readonly reason: string
}

/**
 * Chooses how machines are run. Under `auto` that is KVM when `judgeKvm` says that it works, else TCG.
 * @throws WirelabError of kind machinery when KVM is demanded and does not work; whatever `judgeKvm` throws
 */
export async function chooseAccelerator(
  wish: AcceleratorWish,
  judgeKvm: () => Promise<KvmVerdict>,
): Promise<AcceleratorChoice> {
  if (wish === 'tcg') return { accelerator: 'tcg', reason: 'asked for' }
  const { works, reason } = await judgeKvm()
  if (works) return { accelerator: 'kvm', reason }
  if (wish === 'kvm')
    throw machineryError(
      `cannot use KVM: ${reason}`,
      'run without --accel kvm; everything works under TCG, only slower',
    )
  return { accelerator: 'tcg', reason: `no KVM: ${reason}` }
}

const known = new Map<string, KvmVerdict>()

/**
 * The verdict on KVM under a hypervisor (its name and version), remembered for this boot of the host in the cache.
 * `probe` finds it, and throws when it cannot tell, which is never remembered.
 */
export async function rememberedVerdict(hypervisor: string, probe: () => Promise<KvmVerdict>): Promise<KvmVerdict> {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  const file = join(cacheFolder(), `kvm-verdict-${boot}-${hypervisor.replaceAll(/[^\w.]+/g, '_')}.json`)
  const remembered = known.get(file) ?? (await readVerdict(file))
  if (remembered !== undefined) return remembered
  const verdict = await probe()
  known.set(file, verdict)
  // Where it can't be written, the next process finds it again.
  try {
    makeCacheFolder(dirname(file))
    await writeFile(file, JSON.stringify(verdict))
  } catch {}
  return verdict
}

async function readVerdict(file: string): Promise<KvmVerdict | undefined> {
  try {
    const { works, reason } = JSON.parse(await readFile(file, 'utf8')) as Partial<KvmVerdict>
    return typeof works === 'boolean' && typeof reason === 'string' ? { works, reason } : undefined
  } catch {
    return undefined
  }
}
