import type { Mutator } from './mutator.ts'
import { changesOf, spotsOf } from './parts.ts'

/** Makes a timer ten times as long. */
export const stretchTimer: Mutator = {
  kind: 'other',
  changes: (step) =>
    changesOf(step, (part) =>
      spotsOf(part, timers, (word) => (Number(word) === 0 ? undefined : `${Number(word) * 10}`)),
    ),
}

const timers =
  /(?<![\w-])(?:\w*(?:ageing|ageing_time|forward_delay|hello_time|max_age|interval|timeout|miimon|updelay|downdelay|lacp_timeout|keepalive|preempt_delay|advert_int)|setageing\s+\S+|setfd\s+\S+|sethello\s+\S+|setmaxage\s+\S+|hello|dead|hold|retransmit|wait|scan time|update time|period|delay)(?:\s+time)?[\s=]+(?:>\s*)?(?<word>\d+(?:\.\d+)?)(?![\w.:-])/dg
