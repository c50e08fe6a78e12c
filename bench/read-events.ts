/** Of an event of any version of wirelab, what is measured here; see runner/events.ts. */
export interface TimedEvent {
  readonly type: string
  /** Milliseconds since the run began. */
  readonly at: number
  readonly step?: number
  readonly name?: string
  readonly durationMs?: number
  readonly surroundings?: Readonly<Record<string, string>>
}

/** The events of an events.jsonl; a last line that is still being written is left out. */
export const readEvents = (text: string): TimedEvent[] =>
  text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TimedEvent)

/**
 * When what happened in a run of one lab in which each of `count` machines was given one command, in the first `count`
 * steps. In milliseconds: until all machines have answered and the first command's output is there, until the last one's
 * is, and from the last step's end to the lab's, when its machines are gone.
 * @throws Error when one of these events is missing
 */
export function timesOf(events: readonly TimedEvent[], count: number) {
  const at = (what: string, event: TimedEvent | undefined) => {
    if (event === undefined) throw new Error(`the run has no ${what}`)
    return event.at
  }
  const of = (type: string) => events.filter((event) => event.type === type)
  const began = at('beginning of a lab', of('scope-started')[0])
  const ready = of('machine-ready')
  if (ready.length !== count) throw new Error(`${ready.length} of ${count} machines became ready`)
  const outputs = of('command-finished').filter(({ step = count }) => step < count)
  if (outputs.length !== count) throw new Error(`${outputs.length} of ${count} machines gave an output`)
  return {
    'first output': Math.max(...[...ready, ...outputs.slice(0, 1)].map((event) => event.at)) - began,
    'every output': at('output', outputs.at(-1)) - began,
    'tear-down': at('end of a lab', of('scope-finished')[0]) - at('end of a step', of('step-finished').at(-1)),
  }
}
