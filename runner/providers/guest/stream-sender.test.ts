import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { endRecord } from '../../../assertions/outage/records.ts'
import { streamSenderScript } from './guest-scripts.ts'

/** Without the priority that it takes in a machine. */
const harmless = `import os\nos.sched_setscheduler = lambda *_: None\n${streamSenderScript}`

test('a sender that was late makes up for nothing, and lets others have their turn at once', async (t) => {
  const everyMs = 40
  const words = ['127.0.0.1', '17109', `${everyMs * 1000}`, 'token', '50']
  const sender = spawn('python3', ['-I', '-S', '-c', harmless, ...words], { stdio: ['pipe', 'pipe', 'ignore'] })
  const record = endRecord()
  const ended = new Promise((resolve) => sender.on('close', resolve))
  sender.stdout.on('data', (chunk) => record.read(String(chunk), () => {}))
  try {
    await sleep(400)
    for (let stop = 0; stop < 3; stop++) {
      sender.kill('SIGSTOP')
      await sleep(250)
      sender.kill('SIGCONT')
      await sleep(250)
    }
    sender.stdin.end()
    await ended
  } finally {
    sender.kill('SIGKILL')
  }
  const between = record.sends.slice(1).map((atMs, index) => atMs - (record.sends[index] ?? 0))
  t.true(between.length > 10)
  t.true(Math.max(...between) > 100, 'it stood still')
  t.true(
    Math.min(...between) > everyMs / 4 - 2,
    `the shortest time between two datagrams is ${Math.min(...between)} ms`,
  )
})
