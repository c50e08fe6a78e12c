import { defaultProvider, providerNames, providers } from '../providers/index.ts'
import type { Provider } from '../providers/provider.ts'
import { readChoice } from './options.ts'

/** The provider that --provider names, or the default. @throws WirelabError of kind usage */
export function readProvider(text: string | undefined): Provider {
  const name = readChoice('provider', text, providerNames)
  return providers.find((each) => each.name === name) ?? defaultProvider
}
