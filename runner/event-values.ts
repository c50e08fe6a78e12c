import { z } from 'zod'
import type { MeasuredOutage } from '../assertions/outage/measure.ts'
import type { Impairment } from './lab/lab.ts'
import type { LabEvent } from './lab/lab-event.ts'

/** What events are made of, as events.jsonl has it. */

/** The greatest distance from 1970 that a Date has, in milliseconds. */
export const maxDateMs = 8.64e15

export const text = z.string()
export const number = z.number()
export const count = z.int().min(0)
/** Since the run began, in milliseconds: three thousand years are enough, and no date made of it is none. */
export const atMs = number.min(0).max(maxDateMs / 100)
/** The host's clock, in milliseconds since 1970. */
export const clockMs = number.min(-maxDateMs).max(maxDateMs)
export const exitCode = z.int()
export const texts = z.array(text)
export const outcome = z.enum(['passed', 'failed', 'error', 'skipped'])

/** Where a file is in the results folder: nothing in it leads out of that, and nothing ends the words around it. */
export const pathInResults = text.refine(
  (path) =>
    path.isWellFormed() &&
    !/[\p{Cc}\\]|\]\]/u.test(path) &&
    path.split('/').every((part) => !['', '.', '..'].includes(part)),
  'expected a path in the results folder',
)

const impairment: z.ZodType<Impairment> = z.object({
  delayMs: number.exactOptional(),
  jitterMs: number.exactOptional(),
  lossPercent: number.exactOptional(),
  rate: text.exactOptional(),
})

const endpoint = z.object({ node: text, nic: text })

const labEvent: z.ZodType<LabEvent> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('link'),
    endpoint,
    state: z.enum(['up', 'down', 'silent']),
    direction: z.enum(['both', 'in', 'out']),
  }),
  z.object({
    kind: z.literal('machine'),
    node: text,
    state: z.enum(['crashed', 'stopped', 'frozen', 'running']),
  }),
  z.object({ kind: z.literal('nic'), endpoint, state: z.enum(['plugged', 'unplugged']) }),
  z.object({ kind: z.literal('impair'), endpoint, impairment }),
])

/** An event of a lab, with the words for it: "link r1:eth1 down". */
export const wordedEvent = { event: labEvent, words: text }

/** What a run is made with; stands in the manifest and in JUnit properties. */
export const surroundings = z.object({
  wirelab: text,
  provider: text,
  accelerator: text,
  qemu: text,
  image: text,
  kernel: text,
  host: text,
  node: text,
})

/** The machines and namespaces of a lab and its cables, as they are when it begins. */
export const topology = z.object({
  nodes: z.array(z.object({ name: text, namespaceOf: text.exactOptional(), address: text.exactOptional() })),
  /** Each end written `node:interface`; a hub joins more than two. */
  links: z.array(
    z.object({
      endpoints: z.array(text).min(2),
      /** Ends whose NIC is not in its machine at first. */
      unplugged: texts.exactOptional(),
      /** What is done to its frames from the beginning. */
      impairment: impairment.exactOptional(),
      /** In its place, what is done to the frames that leave at an end. */
      impairments: z.record(z.string(), impairment).exactOptional(),
    }),
  ),
})

export const observedInterface = z.object({
  /** Unique in its namespace. */
  name: text,
  /** As ip-link(8) calls it: bridge, veth, macvlan; absent for a NIC. */
  kind: text.exactOptional(),
  /** The end of a cable that it is, `node:interface`, whatever it is called and wherever it is now. */
  endpoint: text.exactOptional(),
  state: z.enum(['up', 'down', 'no carrier']),
  /** With prefix lengths; not those that each link has by itself. */
  addresses: texts,
  /** The bridge, bond or VRF in the same namespace that it is part of. */
  master: text.exactOptional(),
  /** What it is as part of that, where that says more than its state: a port that blocks, a bond's active member. */
  part: z.enum(['blocking', 'active', 'backup']).exactOptional(),
  /** The other end of a veth pair; of others the interface that they are on. */
  other: z.object({ namespace: text, name: text }).exactOptional(),
  /** Of macvlan, ipvlan and bonds. */
  mode: text.exactOptional(),
  /** Number of a VLAN or VXLAN. */
  id: number.exactOptional(),
  /** Where a VXLAN sends frames of which it knows nothing else: an address, or a group. */
  remote: text.exactOptional(),
  /** VLANs of a port of a bridge that filters them: "10", "20-29"; that of frames without a tag is marked by "PVID". */
  vlans: texts.exactOptional(),
})

export const observedNamespace = z.object({
  /** Unique in its machine; empty for the machine's own. */
  name: text,
  interfaces: z.array(observedInterface),
})

/** What a machine's kernel says of its network. */
export const observedMachine = z.object({
  name: text,
  /** The machine's own first. Empty when the machine can't tell. */
  namespaces: z.array(observedNamespace),
  /** Why it can't. */
  trouble: text.exactOptional(),
})

const gap = z.object({
  fromMs: number,
  lengthMs: number,
  stalledMs: number,
  heldMs: number,
  event: text,
  afterEventMs: number,
  open: z.boolean(),
})

export const measuredOutage: z.ZodType<MeasuredOutage> = z.object({
  request: text.exactOptional(),
  everyMs: number,
  resolutionMs: number,
  gapFromMs: number,
  sent: number,
  arrived: number,
  lost: number,
  duplicated: number,
  reordered: number,
  refused: number,
  refusals: texts,
  arrivedBefore: number,
  longestBeforeMs: number,
  longestGap: gap,
  gaps: z.array(gap),
  recovered: z.boolean(),
  steadyMs: number,
  withinMs: number,
  ranMs: number,
  events: z.array(z.object({ event: text, atMs: number })),
  fromMs: number,
  untilMs: number,
  firstEventMs: number,
})

/** A file of the lab that a step puts into a node. */
export const copiedFile = z.object({
  /** Absolute path in the node. */
  to: text,
  /** Path in the lab's folder. */
  from: text,
  /** What is in it, with the variant's values; only of text that is not long. */
  text: text.exactOptional(),
})

/** A scope of a run that has not begun, by its name, which is unique in the run. */
export const plannedScope = z.object({ scope: text, lab: text, variant: text })

/** The image that a machine boots, and its kernel. */
export const machineImage = z.object({ machine: text, image: text, key: text, kernel: text })

/** A mutant that was made by machine. */
export const mutantFacts = z.object({
  /** A step is left out, a command is, or something stands otherwise. */
  kind: z.enum(['step', 'command', 'other']),
  /** What is changed, in words. */
  change: text,
  file: text,
  line: count,
  column: count,
  /** The line of the file. */
  text,
  /** Why no claim can notice it, as the lab explains it. */
  survives: text.exactOptional(),
})

/** What noticed a mutant: a case that failed, or a command of a step that went wrong for it. */
export const caughtBy = z.union([z.object({ case: text }), z.object({ step: text, message: text })])

/** A cell of a table of claims. */
export const cell = z.object({
  row: text,
  column: text,
  wanted: text,
  found: text,
  verdict: z.enum(['passed', 'failed', 'inconclusive']),
})
