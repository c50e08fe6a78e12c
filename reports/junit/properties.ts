import type { MachineImage, RunStarted, ScopeStarted } from '../../runner/events.ts'
import { renderCaughtBy, type Score } from '../run/mutants.ts'
import type { ScopeSummary } from '../run/summary.ts'
import { oneLine } from '../text/plain-text.ts'
import type { XmlElement } from './xml.ts'

/** What a suite was made with and which it is, as properties; and how many of its cases are flaky, if any. */
export function renderProperties(
  { started, mutant }: ScopeSummary,
  run: RunStarted | undefined,
  flaky: number,
): XmlElement {
  const surroundings = run?.surroundings
  const values = {
    image: imagesOf(started, ({ image, key }) => `${image} ${key}`) ?? surroundings?.image,
    kernel: imagesOf(started, ({ kernel }) => kernel) ?? surroundings?.kernel,
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
    'mutant-kind': mutant?.kind,
    'mutant-caught-by': mutant?.caughtBy === undefined ? undefined : renderCaughtBy(mutant.caughtBy),
    flaky: flaky === 0 ? undefined : flaky,
  }
  return propertiesOf(values)
}

/** What is told of the images of its machines, each once; undefined when nothing is known of them. */
const imagesOf = (started: ScopeStarted | undefined, tell: (image: MachineImage) => string) =>
  started?.images === undefined ? undefined : [...new Set(started.images.map(tell))].join(', ')

/** The score of mutants by kind. */
export const scoreProperties = (scores: readonly Score[]): XmlElement =>
  propertiesOf(
    Object.fromEntries(
      scores.flatMap(({ kind, ...counts }) =>
        Object.entries(counts).map(([name, count]) => [`mutants-${kind}-${name}`, count]),
      ),
    ),
  )

function propertiesOf(values: Readonly<Record<string, string | number | undefined>>): XmlElement {
  const children = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ name: 'property', attributes: { name, value: oneLine(String(value)) } }))
  return { name: 'properties', attributes: {}, children }
}
