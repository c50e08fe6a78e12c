import test from 'ava'
import { parseForwardedPort } from './management.ts'

// As QEMU 7.2 prints it.
const table = `Hub -1 (management):\r
  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\r
  TCP[HOST_FORWARD]  11       127.0.0.1 36941       10.0.2.15    22     0     0\r
`

test("the forwarded port is read from QEMU's table", (t) => {
  t.is(parseForwardedPort(table), 36941)
})

test('a table without a forwarding has no port', (t) => {
  t.is(parseForwardedPort(table.split('\r\n').slice(0, 2).join('\r\n')), undefined)
})
