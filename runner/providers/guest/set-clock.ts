import { machineryError } from '../../errors.ts'
import { hostNowMs } from '../../host/host-now.ts'
import type { Connection } from '../../transports/transport.ts'
import { tellTimeScript } from './guest-scripts.ts'

type Commands = Pick<Connection, 'run'>

export interface SetClockOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/**
 * Sets a machine's clock to the host's, as exactly as the quickest of its lines reaches the host: about a millisecond.
 * @throws WirelabError of kind machinery
 */
export async function setClock(connection: Commands, options: SetClockOptions): Promise<void> {
  let behindMs = Number.POSITIVE_INFINITY
  await connection.run(['bash', '-c', tellTimeScript], {
    ...options,
    onOutput(_stream, chunk) {
      const [last = ''] = Buffer.from(chunk).toString().trimEnd().split('\n').slice(-1)
      if (/^\d+\.\d{6}$/.test(last)) behindMs = Math.min(behindMs, hostNowMs() - Number(last) * 1000)
    },
  })
  await setClockForward(connection, behindMs, options)
}

/** Gives a machine the time that it missed while it stood still. @throws WirelabError of kind machinery */
export async function setClockForward(commands: Commands, missedMs: number, options: SetClockOptions): Promise<void> {
  const { exitCode, stderr } = await commands.run(['date', '-s', clockForward(missedMs)], options)
  if (exitCode !== 0) throw machineryError(`cannot set the clock: ${stderr.trim()}`)
}

/** What date(1) is to set a clock to that goes on after it stood still; however late it does so. */
const clockForward = (missedMs: number): string => `${(missedMs / 1000).toFixed(6)} seconds`
