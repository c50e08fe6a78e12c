import { isIP } from 'node:net'
import { z } from 'zod'
import { actionKeys } from '../../steps/actions/index.ts'
import { eventSchema } from '../../steps/events/index.ts'
import { captureSchema } from './schema-captures.ts'
import { linkImpairmentSchema } from './schema-impairment.ts'
import { includeSchema } from './schema-include.ts'
import { loopSchema } from './schema-loops.ts'
import { machineKeys } from './schema-machine.ts'
import { durationSchema, endpointSchema, line, macSchema, nameSchema, text, valuesSchema } from './schema-words.ts'

const nodeName = nameSchema.refine((name) => name !== 'within' && name !== 'for', 'within and for mean a time')

/** The times that stand among the parameters of every assertion. */
export const timesSchema = z.object({
  within: durationSchema.optional().describe('Judged again and again until it is true, at most this long: 5s.'),
  for: durationSchema.optional().describe('Once true, it must stay true for this long: 3s.'),
})

/** What an expectation may be claimed for once each. */
export const expectationLoopSchema = loopSchema.describe(
  'Claims it once for each item, as of a step: [r1, r2], or { r1: { peer: r2 }, r2: { peer: r1 } }. {{each}} is the item.',
)

/** Words that may stand beside an assertion. */
export const expectationWordsSchema = z.object({
  name: line.optional().describe('Replaces the claim in the name of the test case.'),
  question: text.optional().describe('What a handout asks in place of the question that the claim gives.'),
  answer: text.optional().describe('What a handout answers in place of what the run found.'),
})

const crashesSchema = z
  .array(z.string().regex(/^[^\s:]+(:[^\s:]+)?$/, 'expected a node, or node:what for one thing on it'))
  .min(1, 'expected at least one node')
  .optional()

const realTimeWords =
  'The longest pause of a machine that the protocols of this lab bear, such as 3s: they give up after so much silence. ' +
  'When the host held a machine up for longer, a claim that then fails is inconclusive, and so is what a step that goes ' +
  'wrong leaves out, until all claims of a step have passed that began after the pause; for an outage, since the scene ' +
  'for it was set, and for a process that ended by itself, at any time. What passes has passed. ' +
  'Default: they bear any.'

/** Everything of a lab file that doesn't depend on the variant. */
export const headSchema = z.strictObject({
  title: line.describe('What the lab is called in lists and reports, in one line.'),
  chapter: line.optional().describe('The chapter under which labs/README.md lists the lab.'),
  tags: z.array(nameSchema).optional().describe('Words by which --tag chooses labs: [bird, failover].'),
  summary: text.describe('What the lab shows, for a student who has not seen it.'),
  errata: z
    .array(
      z.strictObject({
        notes: text.describe('What the older notes say.'),
        fails: text.describe('How it fails.'),
        works: text.describe('What works instead.'),
      }),
    )
    .optional()
    .describe('Mistakes of older notes on the same experiment.'),
  values: z.unknown().optional().describe('Texts to use as {{name}} in all variants. A variant may give another text.'),
  variants: z.unknown().optional().describe('Named sets of values. The lab runs once with each, in fresh machines.'),
  image: z
    .unknown()
    .optional()
    .describe(machineKeys.image.description ?? ''),
  packages: z
    .unknown()
    .optional()
    .describe(machineKeys.packages.description ?? ''),
  requires: z
    .unknown()
    .optional()
    .describe(machineKeys.requires.description ?? ''),
  nodes: z.unknown().optional().describe('The machines, and the network namespaces in them.'),
  links: z.unknown().optional().describe('The cables between machines.'),
  'real-time': z.unknown().optional().describe(realTimeWords),
  'expects-crash': crashesSchema.describe(
    'What crashes on purpose, in all variants: [r1:bird]. Nothing else may crash on any machine; a step may say it too.',
  ),
  steps: z.unknown().optional().describe('What is done, in order, and what must then be true.'),
  mutations: z.unknown().optional().describe('Deliberate mistakes, each with the expectations that must catch it.'),
  survives: z
    .record(z.string(), text)
    .optional()
    .describe(
      'Why no expectation can notice a mutant that mutate --auto makes, by its name: { \'plug: without "sync"\': it only waits }.',
    ),
})

export const nodeSchema = z.strictObject({
  'namespace-of': z.string().optional().describe('The machine in which this node is a network namespace.'),
  address: z
    .string()
    .refine((value) => isIP(value) !== 0, 'expected an IPv4 or IPv6 address without prefix length')
    .optional()
    .describe('The address by which expectations know the node. The steps assign it.'),
  memory: z
    .string()
    .refine((value) => memoryMiBOf(value) !== undefined, 'expected a size from 128M to 16G, such as 512M')
    .optional()
    .describe('Memory of the machine, such as 512M.'),
  cpus: z
    .int()
    .min(1, 'expected 1 to 8 processors')
    .max(8, 'expected 1 to 8 processors')
    .optional()
    .describe('How many processors the machine has. Default: 1.'),
  ...machineKeys,
})

export const linkSchema = z.strictObject({
  endpoints: z
    .array(endpointSchema)
    .min(2, 'expected the two ends of the cable, or more, which a hub joins')
    .max(64, 'expected at most 64 ends')
    .describe('The two ends of the cable: [host:eth1, switch:eth1]; or more, which a hub joins, as in a LAN.'),
  unplugged: z
    .array(endpointSchema)
    .optional()
    .describe('Ends whose NIC is not in its machine when the lab begins; an event plugs it in.'),
  mtu: z.int().min(68).max(65_535).optional().describe('MTU of the NICs at its ends. Default: 1500.'),
  mac: z
    .record(endpointSchema, macSchema)
    .optional()
    .describe('Addresses of NICs: { "host:eth1": "02:00:00:00:00:01" }. Default: the same in every run.'),
  impairment: linkImpairmentSchema.optional(),
})

const names = z.array(z.string()).min(1, 'expected at least one name')

export const stepSchema = z.strictObject({
  name: line.describe('What the step does or shows, in one line; every step has one. Test cases are named after it.'),
  id: nameSchema.optional().describe('A short name, for mutations.'),
  why: text.optional().describe('Why the step is needed, for the student.'),
  question: text
    .optional()
    .describe('What a handout asks before the step, in place of the questions that its claims give; tables stay.'),
  answer: text.optional().describe('The answer to that, in place of what the run found.'),
  each: loopSchema
    .optional()
    .describe(
      'Makes a step of this for each item: [eth1, eth2], or { eth1: { vlan: "10" }, eth2: { vlan: "20" } } with values beside it. {{each}} is the item.',
    ),
  on: z
    .union([z.string(), ...loopSchema.options])
    .optional()
    .describe(
      'The node on which the commands run and to which the files are copied; or several, one after the other: [r1, r2], or { r1: { id: "1" }, r2: { id: "2" } } with values of each. {{node}} is the node. All else is done, and claimed, once at the end.',
    ),
  // What they hold is of the actions' concern: no type tells of them.
  ...(actionKeys as Readonly<Record<never, z.ZodType>>),
  capture: z
    .record(nameSchema, captureSchema)
    .optional()
    .describe('Frames to keep while the step lasts: name: node:interface. The end of a cable means the cable.'),
  expect: z.array(z.unknown()).optional().describe('What must be true after the commands.'),
  'expects-crash': crashesSchema.describe(
    'What crashes on purpose, by this step or after it: a node (anything on it), or a program, unit or background process on it: [r1:bird]. It must crash, and nothing else may.',
  ),
  'only-in': names.optional().describe('The variants that have this step.'),
  'not-in': names.optional().describe('The variants that leave this step out.'),
})

export const puzzleSchema = z.strictObject({
  level: z.int().min(1).max(3).describe('How hard it is to find: 1 easy, 2, 3 hard.'),
  until: z
    .string()
    .optional()
    .describe(
      'The step, by id or name, after which a student gets the lab. What is claimed from it to the next step that does something tells when the lab is mended. Default: the last step that does something.',
    ),
  hint: z.union([text, z.array(text).min(1).max(2)]).describe('One hint or two, the vague one first.'),
  solution: text.describe('What a finder should look at, and what is wrong there.'),
  mend: z
    .array(
      z.union([
        z.strictObject({
          on: z.string().describe('The node on which the commands run.'),
          run: text.describe('Commands that mend the lab by hand.'),
        }),
        z.strictObject({
          events: z
            .array(eventSchema)
            .min(1, 'expected at least one event')
            .describe('What mends cables, machines and NICs, as the events of a step.'),
        }),
      ]),
    )
    .min(1, 'expected at least one node with commands, or events')
    .describe('One way to mend the lab, in this order.'),
})

const puzzleWords =
  'Makes a puzzle of the mistake: it is made in secret, and a student finds and mends it (break NAME).'

export const mutationSchema = z.strictObject({
  name: line.describe('The mistake, in words.'),
  without: z.string().optional().describe('The id of the step whose commands are left out.'),
  instead: z
    .strictObject({
      step: z.string().describe('The id of the step whose commands are replaced.'),
      run: text.describe('The commands to run in their place.'),
    })
    .optional()
    .describe('Commands to run in place of a step.'),
  values: valuesSchema.optional().describe('Other values for commands and files. Expectations keep the right ones.'),
  in: names.optional().describe('The variants to make the mistake in. Default: all in which it can be caught.'),
  'caught-by': z
    .array(z.string())
    .min(1, 'expected at least one expectation')
    .describe('What must fail: a step (all its expectations), an expectation, or "step / expectation".'),
  puzzle: z.unknown().optional().describe(puzzleWords),
})

/** What an editor should know of the parts that are checked piece by piece. */
export const labSchema = (expectation: z.ZodType) =>
  headSchema.extend({
    values: valuesSchema.optional().describe(headSchema.shape.values.description ?? ''),
    variants: z
      .record(nameSchema, valuesSchema)
      .optional()
      .describe(headSchema.shape.variants.description ?? ''),
    ...machineKeys,
    nodes: z.record(nodeName, nodeSchema).describe(headSchema.shape.nodes.description ?? ''),
    links: z
      .array(linkSchema)
      .optional()
      .describe(headSchema.shape.links.description ?? ''),
    'real-time': durationSchema.optional().describe(realTimeWords),
    steps: z
      .array(
        stepSchema.extend({
          include: includeSchema.shape.include.optional(),
          with: includeSchema.shape.with,
          expect: z
            .array(expectation)
            .optional()
            .describe(stepSchema.shape.expect.description ?? ''),
        }),
      )
      .min(1)
      .describe(headSchema.shape.steps.description ?? ''),
    mutations: z
      .array(mutationSchema.extend({ puzzle: puzzleSchema.optional().describe(puzzleWords) }))
      .optional()
      .describe(headSchema.shape.mutations.description ?? ''),
  })

/** Schema of a node's name in `nodes`. */
export const nodeNameSchema = nodeName

/** MiB of `512M` or `2G`; undefined for other text and sizes that no machine can have. */
export function memoryMiBOf(value: string): number | undefined {
  const match = /^(\d{1,5})([MG])$/.exec(value)
  const memoryMiB = Number(match?.[1]) * (match?.[2] === 'G' ? 1024 : 1)
  return memoryMiB >= 128 && memoryMiB <= 16_384 ? memoryMiB : undefined
}
