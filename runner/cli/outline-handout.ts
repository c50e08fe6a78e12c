import { assembleHandout, type Handout, type HandoutStep } from '../../reports/handout/handout.ts'
import { topologyOf } from '../announce-scope.ts'
import { declaredCases } from '../lab/case-names.ts'
import type { Lab, Step } from '../lab/lab.ts'
import { announce } from '../steps/actions/index.ts'

/** A handout of a lab as its file says it, of one variant or of all, without anything that only a run can tell. */
export const outlineHandout = ({ name: lab, title, summary, errata, variants }: Lab, only?: string): Handout =>
  assembleHandout(
    variants
      .filter(({ name }) => only === undefined || name === only)
      .map((variant) => ({
        started: { lab, variant: variant.name, title, summary, errata, topology: topologyOf(variant) },
        steps: variant.steps.map(outlineStep),
      })),
    'no run',
  )

function outlineStep(step: Step): HandoutStep {
  const { script, copies = [], events = [] } = announce(step)
  return {
    number: step.index + 1,
    name: step.name,
    ...(step.why === undefined ? {} : { why: step.why }),
    ...(step.node === undefined ? {} : { node: step.node }),
    ...(script === undefined ? {} : { script: script.trimEnd() }),
    copies,
    events: events.map(({ words }) => words),
    output: '',
    questions: declaredCases(step).map(({ question, wanted }) => ({ question, wanted, answer: '', evidence: '' })),
    outages: [],
  }
}
