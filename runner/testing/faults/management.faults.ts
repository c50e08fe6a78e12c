import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
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
/** Of both families, where the host has both. */
const hasIPv6 = existsSync('/proc/net/if_inet6')
const datagrams = createSocket(hasIPv6 ? 'udp6' : 'udp4', () => reached.push('UDP'))
let testbed: Testbed | undefined

before(async () => {
  stream.listen(0)
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

/** Asks each address by TCP, by a DNS question and by an echo request, many at a time, and prints what answers. */
const askAll = `
import os, socket, struct, sys
from concurrent.futures import ThreadPoolExecutor
question = bytes.fromhex('123401000001000000000000076578616d706c6503636f6d0000010001')
def tries(name, work, *rest):
    try:
        work(*rest)
        return 'answered ' + name
    except OSError as error:
        return 'silent %s %s' % (name, error)
def family(address):
    return socket.AF_INET6 if ':' in address else socket.AF_INET
def stream(address, port):
    socket.create_connection((address, port), 1.5).close()
def datagram(address, port):
    with socket.socket(family(address), socket.SOCK_DGRAM) as asking:
        asking.settimeout(1.5)
        asking.sendto(question, (address, port))
        asking.recv(2048)
def checksum(data):
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff
def echo(address):
    six = ':' in address
    request, reply, protocol = (128, 129, socket.IPPROTO_ICMPV6) if six else (8, 0, socket.IPPROTO_ICMP)
    message = lambda sum: struct.pack('!BBHHH', request, 0, sum, os.getpid() & 0xffff, 1)
    with socket.socket(family(address), socket.SOCK_RAW, protocol) as asking:
        asking.settimeout(1.5)
        asking.connect((address, 0))
        asking.send(message(0 if six else checksum(message(0))))
        while asking.recv(2048)[0 if six else 20] != reply:
            pass
port = int(sys.argv[1])
with ThreadPoolExecutor(32) as pool:
    asked = []
    for address in sys.argv[2:]:
        asked.append(pool.submit(tries, 'ICMP ' + address, echo, address))
        for number in {22, 53, 80, port}:
            asked.append(pool.submit(tries, 'TCP %s %d' % (address, number), stream, address, number))
        for number in {53, 67, 69, port}:
            asked.append(pool.submit(tries, 'UDP %s %d' % (address, number), datagram, address, number))
    for each in asked:
        print(each.result())
`

/** Root of the machine enters the network namespace in which its management NIC is, and gives it every way out. */
const inManagement = `pid=$(systemctl show -P MainPID wirelab-management.service)
cd /; exec nsenter --target "$pid" --net sh -ec '
ip link set lo up
ip route replace default via 10.0.2.2
ip -6 route replace default via fec0::2 dev eth0 || true
exec timeout 120 python3 -c "$0" "$@"' "$@"`

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
    '2001:db8::1',
    '2606:4700:4700::1111',
  ]
  const addresses = wanted.filter((address) => address !== '127.0.0.1' && address !== '::1').slice(0, 20)
  const { stdout, stderr, exitCode } = await machine.run(
    ['bash', '-c', inManagement, askAll, askAll, String(port()), ...addresses],
    { timeoutMs: 150_000 },
  )
  assert.equal(exitCode, 0, stderr)
  const lines = stdout.trim().split('\n')
  assert.equal(lines.length, addresses.length * 9, stdout)
  // Its own SSH server shows that who answers is heard.
  assert.ok(lines.includes(`answered TCP ${management.address} 22`), stdout)
  assert.ok(lines.includes(`answered ICMP ${management.address}`), stdout)
  // QEMU's own gateway and name server echo by themselves; nobody else hears of it.
  const echoes = ['10.0.2.2', '10.0.2.3', 'fec0::2', 'fec0::3'].map((address) => `answered ICMP ${address}`)
  assert.deepEqual(
    lines.filter((line) => !/^silent|\b10\.0\.2\.15\b/.test(line) && !echoes.includes(line)),
    [],
  )
  assert.deepEqual(reached, [])
})
