import { execFileSync } from 'node:child_process'
import test from 'ava'

const script = `
from nic_states import ATTRIBUTE, IFLA_PERM_ADDRESS, IFF_UP, LINK, RTM_NEWLINK, NicStates
states = object.__new__(NicStates)
states.up = set()
for address in '020000000001', '0a000001', 'fe800000000000000000000000000001':
    address = bytes.fromhex(address)
    attribute = ATTRIBUTE.pack(ATTRIBUTE.size + len(address), IFLA_PERM_ADDRESS) + address
    for told, is_up in states.note(RTM_NEWLINK, LINK.pack(0, 0, 1, 7, IFF_UP, 0) + attribute):
        print(told.hex(), is_up)
`

test('of a tunnel, whose permanent address is an IP address, nothing is told', (t) => {
  const told = execFileSync('python3', ['-B', '-c', script], { cwd: import.meta.dirname, encoding: 'utf8' })
  t.is(told, '020000000001 True\n')
})
