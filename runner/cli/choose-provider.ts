import { usageError } from '../errors.ts'
import type { Image } from '../image/image.ts'
import type { Provider } from '../providers/provider.ts'
import { qemuProvider } from '../providers/qemu/qemu-provider.ts'

/** What --provider may say; the first is the default. */
export const providerNames = ['qemu', 'vagrant'] as const

interface ProviderWishes {
  readonly image: Image
  readonly accelerator: 'kvm' | 'tcg'
  readonly keep: boolean
  onProgress(message: string): void
}

/** Sees that a provider can do what is asked. @throws WirelabError that says what to do instead */
export async function demandProvider(
  name: (typeof providerNames)[number],
  { image, keep }: Pick<ProviderWishes, 'image' | 'keep'>,
): Promise<void> {
  if (name === 'qemu') return
  if (keep)
    throw usageError(
      "cannot keep Vagrant's machines up after a run",
      'WIRELAB_LAB=NAME vagrant up brings them up to stay, without the steps',
    )
  const { demandVagrant } = await import('../providers/vagrant/vagrant-needs.ts')
  await demandVagrant(image)
}

/** The provider of a name. */
export async function chooseProvider(name: (typeof providerNames)[number], wishes: ProviderWishes): Promise<Provider> {
  if (name === 'qemu') return qemuProvider(wishes)
  const { vagrantProvider } = await import('../providers/vagrant/vagrant-provider.ts')
  return vagrantProvider(wishes)
}
