import { z } from 'zod'
import { usageError } from '../errors.ts'
import { checkShape } from '../lab/schema/check-shape.ts'
import { gatherFindings, type Report, renderDiagnostics } from '../lab/text/diagnostics.ts'
import { parseYaml, plainOf } from '../lab/text/yaml-tree.ts'

const words = z.array(
  z.string().regex(/^[A-Za-z0-9][A-Za-z0-9@._+:-]*$/, 'expected a name, which begins with a letter or digit'),
)
const fileName = z.string().regex(/^\w[\w.@-]*$/, 'expected the name of a file in the folder of the recipe')
const pathInImage = z
  .string()
  .regex(
    /^(\/(?!\.{1,2}(\/|$))[\w.@+-]+)+$/,
    'expected an absolute path of letters, digits, ".", "_", "@", "+" and "-"',
  )

const recipeSchema = z.strictObject({
  /** The recipe that it builds on: lists are added to its lists, all else takes the place of what it says. */
  from: z.string().optional(),
  /** Debian's name of the release. */
  suite: z
    .string()
    .regex(/^[a-z]+$/, "expected Debian's name of a release, such as bookworm")
    .optional(),
  /** The package of the kernel; among the packages where it is not said. */
  kernel: z
    .string()
    .regex(/^linux-image-[a-z0-9.+-]+$/, 'expected a package of a kernel, such as linux-image-cloud-amd64')
    .optional(),
  packages: words.default([]),
  /** systemd units that a machine starts at boot; no other unit that packages install is enabled. */
  services: words.default([]),
  /** systemd units that can't be started, neither at boot nor as a dependency. */
  masked: words.default([]),
  /** Kernel modules that it takes to mount the root; their dependencies come along. */
  initrdModules: words.default([]),
  kernelCommandLine: z.string().optional(),
  /** Files of the recipe's folder, by where they lie in the image. */
  files: z.record(pathInImage, fileName).default({}),
  /** A file of the recipe's folder that a shell runs in the image, when all else is there. */
  script: fileName.optional(),
})

/** What a recipe says, apart from what the one says that it builds on. */
export type RecipeText = Readonly<z.infer<typeof recipeSchema>>

/** What only a recipe can do without that builds on another. */
const needed = ['suite', 'kernelCommandLine'] as const

/**
 * Reads the text of a recipe; `files` are those of its folder, and `check` may report what else is wrong.
 * @throws WirelabError of kind usage with every mistake and its place
 */
export function parseRecipe(
  path: string,
  text: string,
  files: ReadonlySet<string>,
  check: (recipe: RecipeText, report: Report) => void,
): RecipeText {
  // JSON is YAML, of which the place of each key is known.
  const { tree, mistakes } = parseYaml(text)
  const findings = gatherFindings(path, text, tree)
  for (const { span, ...mistake } of mistakes) findings.reportAt(span, mistake)
  const report = findings.reportIn()
  const shape = mistakes.length === 0 ? checkShape(recipeSchema, tree && plainOf(tree), [], report) : undefined
  if (shape !== undefined) {
    const recipe = shape.value
    for (const key of needed)
      if (recipe.from === undefined && recipe[key] === undefined)
        report([key], { message: `cannot do without "${key}" in a recipe that says no "from"`, atKey: true })
    const named = Object.entries(recipe.files).map(([to, name]) => ({ at: ['files', to], name }))
    if (recipe.script !== undefined) named.push({ at: ['script'], name: recipe.script })
    for (const { at, name } of named)
      if (!files.has(name)) report(at, { message: `cannot find file "${name}" in the folder of the recipe` })
    check(recipe, report)
  }
  const found = findings.list([])
  if (shape !== undefined && found.length === 0) return shape.value
  throw usageError(renderDiagnostics(found))
}
