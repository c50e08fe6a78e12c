import { z } from 'zod'
import { usageError } from '../errors.ts'
import type { Variant } from '../lab/lab.ts'
import type { LabEvent } from '../lab/lab-event.ts'
import { declaredIn } from '../lab/parts/variant-context.ts'
import { explainIssue } from '../lab/schema/explain-issue.ts'
import type { Mistake } from '../lab/text/diagnostics.ts'
import { nearestWord } from '../lab/text/nearest.ts'
import { eventKinds, eventSchema, readEvent } from '../steps/events/index.ts'

/**
 * The event that words mean, as reports and handouts write it, or with the keys of a lab file: `link r1:eth1 down`,
 * `impair r1:eth1 delay 10ms loss 1%`. @throws WirelabError of kind usage with what was expected
 */
export function parseEvent(words: string, variant: Pick<Variant, 'nodes' | 'links'>): LabEvent {
  const plain = words.replace(/^\s*frames out of (\S+):/, 'impair $1')
  const [first = '', ...rest] = plain.trim().split(/\s+/)
  const key = first.toLowerCase()
  const kind = eventKinds[key]
  if (kind === undefined) throw unknownKind(first)
  const raw = { [key]: kind.rawOf(rest) }
  const checked = z.safeParse(eventSchema, raw)
  const mistakes = checked.success
    ? []
    : checked.error.issues.flatMap((issue) => explainIssue(issue, raw, eventSchema)).map(({ mistake }) => mistake)
  const event = checked.success
    ? readEvent(checked.data, {
        path: [],
        topology: declaredIn(variant),
        report: (_path, mistake) => void mistakes.push(mistake),
      })
    : undefined
  if (event !== undefined && mistakes.length === 0) return event
  throw usageError(
    `cannot do "${words}": ${mistakes.map(({ message }) => message).join('; ')}`,
    [...mistakes.flatMap(adviceOf), `write ${kind.usage}`].join('\n'),
  )
}

function unknownKind(word: string) {
  const kinds = Object.keys(eventKinds)
  const nearest = nearestWord(word.toLowerCase(), kinds)
  return usageError(
    `cannot make "${word}" happen: no event begins with this word`,
    `${nearest === undefined ? '' : `did you mean "${nearest}"?\n`}${Object.values(eventKinds)
      .map(({ usage }) => `write ${usage}`)
      .join('\n')}`,
  )
}

const adviceOf = ({ nearest, hint }: Mistake): readonly string[] => {
  const word = nearest?.()
  const words = typeof hint === 'function' ? hint('') : hint
  return [...(word === undefined ? [] : [`did you mean "${word}"?`]), ...(words === undefined ? [] : [words])]
}
