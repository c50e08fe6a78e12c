import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import test from 'ava'
import { type EndRecord, endRecord } from '../../../assertions/outage/records.ts'
import { requestSenderScript } from './guest-scripts.ts'

/** Without the priority that it takes in a machine. */
const harmless = `import os\nos.sched_setscheduler = lambda *_: None\n${requestSenderScript}`
const everyMs = 50

/** Asks at least ten times, each 50 ms, and waits until all is answered or given up. */
async function ask(port: number, kind: string, wanted: string, patienceMs = 1000) {
  const words = ['127.0.0.1', `${port}`, kind, wanted, `${everyMs * 1000}`, `${patienceMs}`, '50']
  const sender = spawn('python3', ['-I', '-S', '-c', harmless, ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  const record = endRecord()
  const ended = new Promise((resolve) => sender.on('close', resolve))
  sender.stdout.on('data', (chunk) => {
    record.read(String(chunk), () => {})
    if (record.sends.length >= 10) sender.stdin.end()
  })
  try {
    await ended
  } finally {
    sender.kill('SIGKILL')
  }
  return record
}

const answered = ({ arrivals }: EndRecord) => arrivals.map(({ sequence }) => sequence).toSorted((a, b) => a - b)
const all = ({ sends }: EndRecord) => [...sends.keys()]
const reasons = ({ refused }: EndRecord) => [...new Set(refused.map(({ reason }) => reason))]

async function portOf(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  return (server.address() as AddressInfo).port
}

/** What becomes of requests to a server that answers the nth so. */
async function askWeb(answer: (number: number, reply: ServerResponse) => void, patienceMs?: number) {
  let number = 0
  const server = createServer((_, reply) => answer(number++, reply))
  try {
    return await ask(await portOf(server), 'http', '/', patienceMs)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('a slow answer delays no other request, and each has its own time', async (t) => {
  const record = await askWeb((number, reply) => setTimeout(() => reply.end('x'), number % 2 === 0 ? 250 : 0))
  t.deepEqual(answered(record), all(record))
  const order = record.arrivals.map(({ sequence }) => sequence)
  t.true(order.indexOf(1) < order.indexOf(0), order.join(' '))
  const tookMs = new Map(record.arrivals.map(({ sequence, atMs }) => [sequence, atMs - (record.sends[sequence] ?? 0)]))
  for (const [sequence, ms] of tookMs) if (sequence % 2 === 0) t.true(ms >= 245, `${sequence}: ${ms} ms`)
})

test('a status of 500 and above, half a page, a hang and something else than HTTP are no answers', async (t) => {
  const record = await askWeb((number, reply) => {
    if (number % 4 === 0) reply.writeHead(503).end()
    else if (number % 4 === 1) reply.writeHead(200, { 'content-length': 100 }).write('half', () => reply.destroy())
    else if (number % 4 === 2) reply.writeHead(404).end('not here')
  })
  t.deepEqual(reasons(record).toSorted(), ['HTTP-503', 'half-an-answer', 'no-answer-in-time'])
  t.is(answered(record).length + record.refused.length, record.sends.length)
  t.true(answered(record).length > 0 && answered(record).length <= record.sends.length / 4 + 1)
  const other = createTcpServer((socket) => void socket.end('SSH-2.0-x\r\n\r\n'))
  t.deepEqual(reasons(await ask(await portOf(other), 'http', '/')), ['no-HTTP'])
  other.close()
})

test('a page that comes in pieces is an answer when it is whole, with a length and without', async (t) => {
  const page = async (head: object) =>
    askWeb((_, reply) => {
      reply.writeHead(200, { ...head, connection: 'close' })
      reply.write('one')
      setTimeout(() => reply.end('two'), 100)
    })
  for (const record of [await page({ 'content-length': 6 }), await page({})]) {
    t.deepEqual(answered(record), all(record))
    for (const { sequence, atMs } of record.arrivals) t.true(atMs - (record.sends[sequence] ?? 0) >= 95)
  }
})

test('a connection is answered where somebody listens, and refused where nobody does', async (t) => {
  const server = createTcpServer((socket) => void socket.on('error', () => {}).resume())
  const port = await portOf(server)
  const open = await ask(port, 'tcp', '')
  t.deepEqual(answered(open), all(open))
  await new Promise((resolve) => server.close(resolve))
  const closed = await ask(port, 'tcp', '')
  t.deepEqual([answered(closed), reasons(closed)], [[], ['ECONNREFUSED']])
  t.is(closed.refused.length, closed.sends.length)
})

test('that there is no such name is an answer, SERVFAIL is none, nor what answers another question', async (t) => {
  const questions: string[] = []
  let number = 0
  const server = createSocket('udp4', (message, from) => {
    questions.push(message.subarray(12).toString('latin1'))
    const reply = Buffer.from(message)
    const code = [0, 3, 2, 0][number++ % 4] ?? 0
    reply.writeUInt16BE(0x8180 | code, 2)
    if (number % 4 === 0) reply.writeUInt16BE((message.readUInt16BE(0) + 1) & 0xffff, 0)
    server.send(reply, from.port, from.address)
  })
  await new Promise((resolve) => server.bind(0, '127.0.0.1', () => resolve(undefined)))
  const record = await ask(server.address().port, 'dns', 'www.example.org')
  server.close()
  t.is(questions[0], '\x03www\x07example\x03org\0\0\x01\0\x01')
  t.deepEqual(reasons(record).toSorted(), ['SERVFAIL', 'no-answer-in-time'])
  t.deepEqual(
    answered(record),
    all(record).filter((sequence) => sequence % 4 < 2),
  )
})

test('requests go out on schedule while the server hangs', async (t) => {
  const record = await askWeb(() => {}, 5000)
  const between = record.sends.slice(1).map((atMs, index) => atMs - (record.sends[index] ?? 0))
  t.true(Math.min(...between) > everyMs / 4 - 2)
  const [firstMs = 0, lastMs = 0] = [record.sends[0], record.sends.at(-1)]
  t.true(lastMs - firstMs < 4000, 'the last is asked before the first is given up')
  t.deepEqual([answered(record), reasons(record)], [[], ['no-answer-in-time']])
})
