/** What became of each test of a script, by the test's name; of the script itself, where it says no more. */
export type Outcomes = ReadonlyMap<string, string>

/**
 * Reads what a script of the kernel's selftests printed (log_test in tools/testing/selftests/net/forwarding/lib.sh).
 * Of several tests with one name the later ones are numbered.
 */
export function parseOutcomes(printed: string, exitCode: number): Outcomes {
  const found = new Map<string, string>()
  for (const [, name = '', outcome = ''] of printed.matchAll(/^TEST: (.*?)\s*\[\s*(OK|FAIL|SKIP|XFAIL)\s*\]/gm)) {
    const earlier = [...found.keys()].filter((each) => each === name || each.startsWith(`${name} #`)).length
    found.set(earlier === 0 ? name : `${name} #${earlier + 1}`, outcome)
  }
  const [, reason = ''] = /^SKIP: (.*)$/m.exec(printed) ?? []
  if (found.size === 0 && exitCode === skippedExitCode) found.set(reason, 'SKIP')
  else if (found.size === 0) found.set(wholeScript, `exit ${exitCode}`)
  return found
}

/** How a script says that it lacks something (tools/testing/selftests/kselftest.h). */
const skippedExitCode = 4
const wholeScript = 'the script'

/** Whether a script came to no test, and gave no reason. */
export const isBroken = (outcomes: Outcomes): boolean => outcomes.size === 0 || outcomes.has(wholeScript)

/** The tests of which something else became, each with both outcomes; `none` where one side did not come to it. */
export const differencesOf = (a: Outcomes, b: Outcomes): readonly (readonly [string, string, string])[] =>
  [...new Set([...a.keys(), ...b.keys()])]
    .map((name) => [name, a.get(name) ?? 'none', b.get(name) ?? 'none'] as const)
    .filter(([, left, right]) => left !== right)

/** `5 OK, 1 FAIL`. */
export function renderCounts(outcomes: Outcomes): string {
  const all = [...outcomes.values()]
  return [...new Set(all)].map((kind) => `${all.filter((each) => each === kind).length} ${kind}`).join(', ')
}
