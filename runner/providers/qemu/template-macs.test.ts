import test from 'ava'
import { templateMac, withMacs } from './template-macs.ts'

const bytes = (mac: string) => Buffer.from(mac.replaceAll(':', ''), 'hex')

test("a NIC's address is changed wherever it stands in the state, and no other byte is", (t) => {
  const state = Buffer.concat([
    Buffer.from('begin'),
    bytes(templateMac(0)),
    bytes(templateMac(1)),
    bytes(templateMac(0)),
  ])
  const mac = '02:01:02:03:04:05'
  t.deepEqual(
    withMacs(state, [mac]),
    Buffer.concat([Buffer.from('begin'), bytes(mac), bytes(templateMac(1)), bytes(mac)]),
  )
  t.deepEqual(state.subarray(5, 11), bytes(templateMac(0)))
})

test('a NIC may have the address of another in the template', (t) => {
  const state = Buffer.concat([bytes(templateMac(0)), bytes(templateMac(1))])
  const macs = [templateMac(1), '02:01:02:03:04:05']
  t.deepEqual(withMacs(state, macs), Buffer.concat(macs.map(bytes)))
})

test('a state in which a NIC has no address is refused', (t) => {
  t.throws(() => withMacs(bytes(templateMac(0)), ['02:01:02:03:04:05', '02:01:02:03:04:06']), {
    message: "cannot set a NIC's address: the template has no NIC 1",
  })
})
