import { foldPart, withDigest } from './file-names.ts'

/** What lies at the top of a results folder, where each lab has a folder too. */
const isFileName = (text: string) => /\.(html|json|jsonl|md|xml)$/i.test(text)

/**
 * A folder for each scope of a run, in the order of their names: `lab/variant` stays as it is, other names are folded
 * to two parts of letters, digits, `_`, `.` and `-`, at most 100 characters each. No two are the same, even where case
 * does not count, and none is within another. A digest of the name stands at the end where folding took letters away
 * or made two names alike.
 */
export function scopeFolders(names: readonly string[]): string[] {
  const wishes = names.map((name) => ({ name, wish: foldName(name) }))
  const rivals = Map.groupBy(wishes, ({ wish }) => wish.toLowerCase())
  const keeps = ({ name, wish }: { name: string; wish: string }) => {
    const all = rivals.get(wish.toLowerCase()) ?? []
    return all.length === 1 || (name === wish && all.filter((rival) => rival.name === rival.wish).length === 1)
  }
  const taken = new Set(wishes.filter(keeps).map(({ wish }) => wish.toLowerCase()))
  return wishes.map((one) => {
    if (keeps(one)) return one.wish
    for (let attempt = 0; ; attempt++) {
      const folder = withDigest(one.wish, `${one.name}${attempt || ''}`, one.wish.indexOf('/') + 1)
      if (taken.has(folder.toLowerCase())) continue
      taken.add(folder.toLowerCase())
      return folder
    }
  })
}

function foldName(name: string): string {
  const [lab = '', ...rest] = name.split('/')
  return `${foldPart(lab, isFileName)}/${foldPart(rest.join('/'))}`
}
