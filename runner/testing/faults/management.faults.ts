import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { management, openImage } from '../../image/image.ts'
import { planRun } from '../../plan.ts'
import type { Testbed } from '../../providers/provider.ts'
import { qemuProvider } from '../../providers/qemu/qemu-provider.ts'
import { readyProvider } from '../../providers/ready-provider.ts'
import { pair } from '../test-machines.ts'

const signal = new AbortController().signal
const logs = mkdtempSync(join(tmpdir(), 'wirelab-management-'))
/** What reached the host, by its kind and port. */
const reached: string[] = []
const stream = createServer((socket) => {
  reached.push('TCP')
  socket.on('error', () => {})
  socket.end('here\n')
})
const datagrams = createSocket('udp4', () => reached.push('UDP'))
let testbed: Testbed | undefined

before(async () => {
  stream.listen(0, '0.0.0.0')
  await once(stream, 'listening')
  datagrams.bind(port())
  await once(datagrams, 'listening')
  const wishes = { image: await openImage(), accelerator: 'auto', keep: false, signal, onProgress: () => {} } as const
  const provider = await readyProvider(qemuProvider, wishes)
  testbed = await provider.bringUp(planRun('pair', pair), { logs, signal, onReady: () => {}, onDeath: () => {} })
})

after(async () => {
  await testbed?.tearDown()
  stream.close()
  datagrams.close()
  rmSync(logs, { recursive: true })
})

const port = () => (stream.address() as AddressInfo).port

/** Asks each address by TCP and by a DNS question, and prints what answers. */
const askAll = `
import socket, sys
question = bytes.fromhex('123401000001000000000000076578616d706c6503636f6d0000010001')
def tries(name, work):
    try:
        work()
        print('answered', name)
    except OSError as error:
        print('silent', name, error)
def stream(address, port):
    socket.create_connection((address, port), 1.5).close()
def datagram(address, port):
    with socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(1.5)
        asking.sendto(question, (address, port))
        asking.recv(2048)
port = int(sys.argv[1])
for address in sys.argv[2:]:
    for number in {22, 53, 80, port}:
        tries('TCP %s %d' % (address, number), lambda: stream(address, number))
    for number in {53, 67, 69, port}:
        tries('UDP %s %d' % (address, number), lambda: datagram(address, number))
`

/** Root of the machine enters the network namespace in which its management NIC is, and gives it every way out. */
const inManagement = `pid=$(systemctl show -P MainPID wirelab-management.service)
cd /; exec nsenter --target "$pid" --net sh -ec '
ip link set lo up
ip route replace default via 10.0.2.2
ip -6 route replace default via fec0::2 dev eth0 || true
exec timeout 280 python3 -c "$0" "$@"' "$@"`

test('root of a machine reaches nothing from the namespace of its management NIC', { timeout: 600_000 }, async () => {
  const machine = testbed?.machine('left')
  assert.ok(machine)
  const own = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address))
  const hosts = own.filter((address) => !address.startsWith('fe80'))
  // QEMU's own gateway and name server, this host by all its names, and somebody far away.
  const wanted = [
    management.address,
    '10.0.2.2',
    '10.0.2.3',
    '10.0.2.4',
    'fec0::2',
    'fec0::3',
    ...hosts,
    '192.0.2.1',
    '1.1.1.1',
  ]
  const addresses = wanted.filter((address) => address !== '127.0.0.1' && address !== '::1').slice(0, 12)
  const { stdout, stderr, exitCode } = await machine.run(
    ['bash', '-c', inManagement, askAll, askAll, String(port()), ...addresses],
    { timeoutMs: 300_000 },
  )
  assert.equal(exitCode, 0, stderr)
  const lines = stdout.trim().split('\n')
  assert.equal(lines.length, addresses.length * 8, stdout)
  // Its own SSH server shows that who answers is heard.
  assert.ok(lines.includes(`answered TCP ${management.address} 22`), stdout)
  assert.deepEqual(
    lines.filter((line) => !line.startsWith('silent') && !line.includes(management.address)),
    [],
  )
  assert.deepEqual(reached, [])
})
