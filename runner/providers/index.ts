import type { KeptLab, Provider } from './provider.ts'
import { qemuProvider } from './qemu/qemu-provider.ts'
import { vagrantProvider } from './vagrant/vagrant-provider.ts'

export { planForVagrantfile } from './vagrant/vagrantfile-plan.ts'

/** The provider of runs that name none. */
export const defaultProvider: Provider = qemuProvider

/** All providers; the first is the default. */
export const providers: readonly [Provider, ...Provider[]] = [defaultProvider, vagrantProvider]

/** What --provider may say; the first is the default. */
export const providerNames: readonly [string, ...string[]] = [
  defaultProvider.name,
  ...providers.slice(1).map(({ name }) => name),
]

/** Labs whose machines were left up, by any provider. */
export const listAllKept = async (): Promise<readonly KeptLab[]> =>
  (await Promise.all(providers.map(({ listKept }) => listKept()))).flat()
