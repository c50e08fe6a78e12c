import type { z } from 'zod'
import { judgeOutage } from '../../../assertions/outage/outage.ts'
import type { Expectation } from '../../lab/lab.ts'
import type { LabEvent } from '../../lab/lab-event.ts'
import { beginCase, judgeCase, outcomeOf, reportCase } from '../judge-case.ts'
import type { Meanwhile, Outage, OutageCase } from '../outage/outage.ts'
import { outageSchema } from '../outage/outage-schema.ts'
import { readOutage } from '../outage/read-outage.ts'
import { runOutage } from '../outage/run-outage.ts'
import type { Action } from './action.ts'

const keys = { outage: outageSchema }

/** Measures what a stream suffers while events happen, and judges each thing that is claimed of it. */
export const outage: Action<Outage, z.output<z.ZodObject<typeof keys>>, OutageCase | Expectation> = {
  key: 'outage',
  keys,
  measuresTime: true,
  read: (raw, reading) => readOutage(raw.outage, reading),
  events: (value) => value.while.flatMap((item) => (isEvent(item) ? [item] : [])),
  without: (value) => ({ ...value, while: value.while.filter(({ kind }) => kind === 'expect') }),
  texts: {
    of: (value) => runsIn(value).map(({ item, at }) => ({ text: item.text, path: ['outage', 'while', at, 'run'] })),
    with(value, nth, text) {
      const changed = runsIn(value)[nth]?.item
      return { ...value, while: value.while.map((item) => (item === changed ? { ...item, text } : item)) }
    },
  },
  async perform({ value, cases }, step, context) {
    const startedMs = performance.now()
    const figures = cases.filter(isFigure)
    for (const claimed of figures) beginCase(step, claimed, context)
    const measured = await runOutage(value, step.index, context, async (at) => {
      const claimed = cases[at]
      if (claimed !== undefined && !isFigure(claimed)) await judgeCase(step, claimed, context)
    })
    if ('trouble' in measured) return measured.trouble
    const { from, to, at: receivers } = value
    context.emit({ type: 'outage-measured', step: step.index, from, to, receivers, measured })
    const durationMs = performance.now() - startedMs
    for (const claimed of figures) {
      const { outcome, found } = outcomeOf(judgeOutage(claimed.figure, measured), context, context.sceneMs)
      reportCase(step, claimed, { outcome, found, durationMs }, context)
    }
    return undefined
  },
}

const isFigure = (claimed: OutageCase | Expectation): claimed is OutageCase => 'figure' in claimed

const isEvent = (item: Meanwhile): item is LabEvent => !['run', 'wait', 'expect'].includes(item.kind)

/** The commands that are run while the stream flows, and their places in the list. */
const runsIn = (value: Outage) => value.while.flatMap((item, at) => (item.kind === 'run' ? [{ item, at }] : []))
