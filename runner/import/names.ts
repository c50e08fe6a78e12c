import { nodeNameSchema } from '../lab/schema/schema.ts'

/** Names for the nodes of a lab, each used once: lower case, with - where others allow more. */
export function nodeNames(): (original: string) => string {
  const taken = new Set<string>()
  return (original) => {
    const plain = original
      .toLowerCase()
      .replaceAll(/[^a-z0-9_-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '')
      .slice(0, 28)
    const isName = nodeNameSchema.safeParse(plain).success && !/^\d+$/.test(plain)
    const wanted = isName ? plain : `node-${plain}`.slice(0, 28).replace(/-$/, '')
    let name = wanted
    for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`
    taken.add(name)
    return name
  }
}
