const shownNames = 20

/** Names for a hint: "a, b, c"; of many the first, and how many there are besides. */
export function listNames(names: Iterable<string>, limit = shownNames): string {
  const all = [...names]
  const first = all.slice(0, limit).join(', ')
  return all.length > limit ? `${first} and ${all.length - limit} more` : first
}

/** The names that a set holds now, also when it is read later; for sets that names are only added to. */
export function soFar(names: ReadonlySet<string>): () => readonly string[] {
  const { size } = names
  return () => [...names].slice(0, size)
}
