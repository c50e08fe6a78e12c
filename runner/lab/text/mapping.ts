/** The value if it is a mapping. */
export const asMapping = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  isMapping(value) ? value : undefined

/** What stands under a key, if the value is a mapping that has it. */
export const fieldOf = (value: unknown, key: string): unknown =>
  isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
