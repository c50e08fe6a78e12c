/** Who may use the host's processors when, among scopes that run side by side. Each gives what its work gives. */
export interface HostTurns {
  /** For measuring: others may measure beside it, and nothing loud happens meanwhile. */
  quietly<T>(work: () => Promise<T>): Promise<T>
  /** For what takes all processors, as machines do that start: nothing else that takes turns happens meanwhile. */
  loudly<T>(work: () => Promise<T>): Promise<T>
}

/** Turns in the order in which they were asked for; work that fails makes way like any other. */
export function takeTurns(): HostTurns {
  const waiting: { readonly loud: boolean; begin(): void }[] = []
  let quiet = 0
  let loud = 0
  const beginNext = () => {
    for (let next = waiting[0]; next && loud === 0 && !(next.loud && quiet > 0); next = waiting[0]) {
      waiting.shift()
      if (next.loud) loud++
      else quiet++
      next.begin()
    }
  }
  const takeTurn = async <T>(isLoud: boolean, work: () => Promise<T>) => {
    await new Promise<void>((begin) => {
      waiting.push({ loud: isLoud, begin })
      beginNext()
    })
    try {
      return await work()
    } finally {
      if (isLoud) loud--
      else quiet--
      beginNext()
    }
  }
  return { quietly: (work) => takeTurn(false, work), loudly: (work) => takeTurn(true, work) }
}

/** For scopes of which none measures, and for work inside a turn. */
export const noTurns: HostTurns = { quietly: (work) => work(), loudly: (work) => work() }
