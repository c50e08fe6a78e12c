import { z } from 'zod'

const kernelForm = 'expected a version, such as ">=6.12", or several: ">=6.1 <6.12"'

/** As deb-src-control(5) has it, but for a single plus sign: that parts packages in the name of an image. */
const packageName = z.string().regex(/^[a-z0-9](?:[a-z0-9.-]|\+\+)+$/, "expected the name of one of Debian's packages")

const requiresSchema = z.strictObject({
  kernel: z
    .string()
    .regex(/^(?:(?:>=|<=|>|<|=)\d+(?:\.\d+){0,2}(?: |$))+$/, kernelForm)
    .optional()
    .describe('The version that the kernel must have, as ">=6.12" or ">=6.1 <6.12"; compared as far as it is given.'),
  modules: z
    .array(z.string().regex(/^[A-Za-z0-9_-]+$/, 'expected the name of a kernel module'))
    .optional()
    .describe('Modules that the kernel must have: [mpls_router].'),
  commands: z
    .array(z.string().regex(/^[\w.+-]+$/, 'expected the name of a program, without its path'))
    .optional()
    .describe('Programs that must be there: [vtysh].'),
})

/** What a lab may say of all its machines, and a node of its own. */
export const machineKeys = {
  image: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]*$/, 'expected the name of an image')
    .optional()
    .describe(
      'The image that is booted: one that wirelab ships, or a recipe of its own in images/ beside the lab or where one ' +
        'stands. --image on the command line takes the place of what the lab says, not of what a node says.',
    ),
  packages: z
    .array(packageName)
    .optional()
    .describe("Debian's packages that the image needs beside its own: [frr]. Those of a node are added to the lab's."),
  requires: requiresSchema
    .optional()
    .describe('What the image must have. The lab is skipped, with the reason, where one of its machines lacks it.'),
}

/** The schema of these alone. */
export const machineSchema = z.strictObject(machineKeys)
