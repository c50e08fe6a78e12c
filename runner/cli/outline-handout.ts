import type { World } from '../../assertions/assertion.ts'
import { assembleHandout, type Handout, type HandoutStep } from '../../reports/handout/handout.ts'
import { type Question, questionsOf } from '../../reports/handout/question.ts'
import { topologyOf } from '../announce-scope.ts'
import type { DeclaredCase, Lab, Step } from '../lab/lab.ts'
import { announce } from '../steps/actions/index.ts'
import { plannedCommands } from '../steps/expectations.ts'
import { addressesOf } from '../steps/open-steps.ts'

/** A handout of a lab as its file says it, of one variant or of all, without anything that only a run can tell. */
export const outlineHandout = ({ name: lab, title, summary, errata, variants }: Lab, only?: string): Handout =>
  assembleHandout(
    variants
      .filter(({ name }) => only === undefined || name === only)
      .map((variant) => ({
        started: { lab, variant: variant.name, title, summary, errata, topology: topologyOf(variant) },
        steps: variant.steps.map((step) => outlineStep(step, { addresses: addressesOf(variant) })),
      })),
    'no run',
  )

function outlineStep(step: Step, world: World): HandoutStep {
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
    questions: questionsOf(step, [
      ...step.actions.flatMap(({ cases }) => cases.map((one) => outlineQuestion(one))),
      ...step.expectations.map((one) => outlineQuestion(one, plannedCommands(one, world))),
    ]),
    outages: [],
  }
}

const outlineQuestion = ({ question, wanted }: DeclaredCase, asked: readonly string[] = []): Question => ({
  ...{ question, wanted, answer: '', evidence: '', asked },
})
