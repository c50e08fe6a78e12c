import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { hostNowMs } from '../../host/host-now.ts'
import { planRun } from '../../plan.ts'
import { type CapturedFrame, delaysMs, framesOf } from '../../testing/pcap-frames.ts'
import { bringUp, pair, type Up } from '../../testing/test-machines.ts'

// QEMU stamps frames by local time.
process.env['TZ'] = 'Asia/Tokyo'

// The host's clock was set forward since this process began: all that follows has the time of before.
Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin - 14_370 })

/** What the stamps of one frame at both ends of a cable may differ by. */
const apartMs = 2

/** The NICs at the ends of the first cable. */
const ends = ['left:eth1', 'right:eth2'] as const
const macs = planRun('pair', pair).machines.map(({ nics }) => nics[0]?.mac.replaceAll(':', ''))

const setUpLeft = 'ip addr add 10.1.0.1/24 dev eth1; ip link set eth1 up'
const setUpRight = 'ip addr add 10.1.0.2/24 dev eth2; ip link set eth2 up'
const ping = (address: string) => `ping -c 20 -i 0.05 -w 10 ${address}`

interface BothEnds {
  /** The frames that have the host's time by now. */
  settle(): Promise<CapturedFrame[][]>
  end(): Promise<unknown>
  frames(): CapturedFrame[][]
}

let captured = 0

async function captureBothEnds({ testbed, logs }: Up): Promise<BothEnds> {
  const files = ends.map(() => join(logs, `${captured++}.pcap`))
  const captures = await Promise.all(ends.map((end, at) => testbed.captureCable(end, files[at] ?? '')))
  return {
    async settle() {
      const settled = await Promise.all(captures.map((capture) => capture.settle()))
      return files.map((file, at) => framesOf(readFileSync(file).subarray(0, settled[at])))
    },
    end: () => Promise.all(captures.map((capture) => capture.end())),
    frames: () => files.map((file) => framesOf(readFileSync(file))),
  }
}

/** Of so many frames one at least has not waited for a processor of the host. */
const enoughFrames = 20

/**
 * Expects no frame to arrive before it was sent, and the quickest of a machine that sent many to arrive at once. Others
 * may have waited for a processor of the host. Together this bounds how far apart the clocks of both ends can be.
 */
function expectOneClock(t: ExecutionContext, [left = [], right = []]: CapturedFrame[][], least: number): void {
  for (const [at, [here, there]] of [[left, right] as const, [right, left] as const].entries()) {
    const sent = here.filter(({ from }) => from === macs[at])
    const delays = delaysMs(sent, there)
    t.true(delays.length >= least, `${delays.length} frames of ${ends[at]}`)
    const [quickest = Number.NaN, slowest] = [Math.min(...delays), Math.max(...delays)]
    t.log(`${delays.length} frames of ${ends[at]}: ${quickest.toFixed(2)} to ${slowest.toFixed(2)} ms`)
    t.true(quickest > -apartMs / 2, `the quickest after ${quickest} ms`)
    if (delays.length >= enoughFrames) t.true(quickest < apartMs, `the quickest after ${quickest} ms`)
  }
}

function expectBetween(t: ExecutionContext, frames: readonly CapturedFrame[], fromMs: number, untilMs: number): void {
  for (const { stampMs } of frames)
    t.true(stampMs > fromMs - apartMs && stampMs < untilMs + apartMs, `${stampMs - fromMs} of ${untilMs - fromMs} ms`)
}

test.serial('frames have the time of the host, and the same at both ends of a cable, in any time zone', async (t) => {
  const up = await bringUp(t)
  await up.sh('left', setUpLeft)
  await up.sh('right', setUpRight)
  const fromMs = hostNowMs()
  const captures = await captureBothEnds(up)
  t.regex(await up.sh('left', ping('10.1.0.2')), / 0% packet loss/)
  // While the captures run, and more and more is written.
  const flood = up.sh('left', 'ping -f -c 2000 10.1.0.2')
  for (let reads = 0; reads < 10; reads++) {
    const frames = await captures.settle()
    expectOneClock(t, frames, enoughFrames)
    expectBetween(t, frames.flat(), fromMs, hostNowMs())
  }
  await flood
  t.regex(await up.sh('right', ping('10.1.0.1')), / 0% packet loss/)
  await captures.end()
  expectOneClock(t, captures.frames(), 40)
  expectBetween(t, captures.frames().flat(), fromMs, hostNowMs())
})

/** Between which values a machine's clock is ahead of the host's, in milliseconds. */
async function clockAhead({ sh }: Up, machine: string) {
  const beforeMs = hostNowMs()
  const guestMs = Number(await sh(machine, 'echo $EPOCHREALTIME')) * 1000
  return { leastMs: guestMs - hostNowMs() - 1, mostMs: guestMs - beforeMs }
}

test.serial("a machine's clock is the host's", async (t) => {
  const { leastMs, mostMs } = await clockAhead(await bringUp(t), 'left')
  t.log(`ahead by ${leastMs} to ${mostMs} ms`)
  t.true(leastMs < 20 && mostMs > -20, `ahead by ${leastMs} to ${mostMs} ms`)
})

test.serial('clocks are right while a machine stands still, and when it goes on', async (t) => {
  const up = await bringUp(t)
  const { testbed, sh } = up
  await sh('left', setUpLeft)
  await sh('right', setUpRight)
  const fromMs = hostNowMs()
  const captures = await captureBothEnds(up)
  await sh('left', ping('10.1.0.2'))
  const before = await clockAhead(up, 'left')
  await testbed.setMachine({ kind: 'machine', node: 'left', state: 'frozen' })
  const frozenMs = hostNowMs()
  t.regex(await sh('right', 'ping -c 20 -i 0.05 -W 1 10.1.0.1'), / 100% packet loss/)
  await sleep(2000)
  const goesOnMs = hostNowMs()
  await testbed.setMachine({ kind: 'machine', node: 'left', state: 'running' })
  const after = await clockAhead(up, 'left')
  await sh('left', ping('10.1.0.2'))
  await captures.end()

  const [left = [], right = []] = captures.frames()
  const during = [left, right].map((frames) => frames.filter(({ stampMs }) => stampMs > frozenMs && stampMs < goesOnMs))
  const delays = delaysMs(during[1] ?? [], during[0] ?? [])
  t.log(`${delays.length} frames while it stood still: ${Math.min(...delays).toFixed(2)} to ${Math.max(...delays)} ms`)
  t.true(delays.length >= 20)
  // They have the time at which this process saw them, which has other tests to do.
  t.true(Math.min(...delays) > -apartMs / 2 && Math.min(...delays) < 20)
  const others = [left, right].map((frames) => frames.filter((frame) => !during.flat().includes(frame)))
  expectOneClock(t, others, 40)
  expectBetween(t, [...left, ...right], fromMs, hostNowMs())

  t.log(`the machine's clock is ahead by ${JSON.stringify(before)}, then ${JSON.stringify(after)}`)
  t.true(after.mostMs > before.leastMs - 20 && after.leastMs < before.mostMs + 20)
})

test.serial(
  'a capture of a machine that crashes is whole, as is one of the machine that was started anew',
  async (t) => {
    const up = await bringUp(t)
    const { testbed, sh } = up
    await sh('right', setUpRight)
    for (const round of [1, 2]) {
      await sh('left', setUpLeft)
      const fromMs = hostNowMs()
      const captures = await captureBothEnds(up)
      t.regex(await sh('left', ping('10.1.0.2')), / 0% packet loss/)
      await testbed.setMachine({ kind: 'machine', node: 'left', state: 'crashed' })
      await captures.end()
      expectOneClock(t, captures.frames(), enoughFrames)
      expectBetween(t, captures.frames().flat(), fromMs, hostNowMs())
      if (round === 1) await testbed.setMachine({ kind: 'machine', node: 'left', state: 'running' })
    }
  },
)

test.serial('a capture has every frame of a burst, by the time that its end is done', async (t) => {
  const up = await bringUp(t)
  await up.sh('left', setUpLeft)
  await up.sh('right', setUpRight)
  await up.sh('left', 'ping -c 1 -w 10 10.1.0.2')
  const captures = await captureBothEnds(up)
  const burst = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(10000): s.sendto(b'%08d' % i + b'x' * 392, ('10.1.0.2', 9))`
  t.is(await up.sh('left', `python3 -c "${burst}" 2>&1`), '')
  await captures.end()
  for (const frames of captures.frames()) {
    const numbers = frames.flatMap(({ hex }) =>
      hex.length === 884 ? Number(Buffer.from(hex.slice(84, 100), 'hex')) : [],
    )
    t.deepEqual(
      numbers,
      Array.from({ length: 10_000 }, (_, at) => at),
    )
  }
  expectOneClock(t, captures.frames(), 1)
})
