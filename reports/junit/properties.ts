import type { RunStarted } from '../../runner/events.ts'
import type { ScopeSummary } from '../run/summary.ts'
import { oneLine } from '../text/plain-text.ts'
import type { XmlElement } from './xml.ts'

/** What a suite was made with and which it is, as properties; and how many of its cases are flaky, if any. */
export function renderProperties({ started }: ScopeSummary, run: RunStarted | undefined, flaky: number): XmlElement {
  const surroundings = run?.surroundings
  const values = {
    image: surroundings?.image,
    kernel: surroundings?.kernel,
    qemu: surroundings?.qemu,
    accelerator: surroundings?.accelerator,
    provider: surroundings?.provider,
    wirelab: surroundings?.wirelab,
    node: surroundings?.node,
    host: surroundings?.host,
    run: run?.run,
    started: run?.startedAt,
    lab: started?.lab,
    variant: started?.variant,
    repetition: started?.repetition,
    mutation: started?.mutation?.name,
    flaky: flaky === 0 ? undefined : flaky,
  }
  const children = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ name: 'property', attributes: { name, value: oneLine(String(value)) } }))
  return { name: 'properties', attributes: {}, children }
}
