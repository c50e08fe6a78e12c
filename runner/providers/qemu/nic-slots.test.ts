import test from 'ava'
import { slotMac, slotsFor, withMacs } from './nic-slots.ts'

const bytes = (mac: string) => Buffer.from(mac.replaceAll(':', ''), 'hex')

test('a template has slots for the NICs of its copies, and no more than there can be', (t) => {
  t.deepEqual([0, 4, 5, 9, 17, 24, 100].map(slotsFor), [4, 4, 8, 16, 24, 24, 24])
})

test("a slot's address is changed wherever it stands in the state, and no other byte is", (t) => {
  const state = Buffer.concat([Buffer.from('begin'), bytes(slotMac(0)), bytes(slotMac(1)), bytes(slotMac(0))])
  const mac = '02:01:02:03:04:05'
  t.deepEqual(withMacs(state, [mac]), Buffer.concat([Buffer.from('begin'), bytes(mac), bytes(slotMac(1)), bytes(mac)]))
  t.deepEqual(state.subarray(5, 11), bytes(slotMac(0)))
})

test('a NIC may have the address of another slot', (t) => {
  const state = Buffer.concat([bytes(slotMac(0)), bytes(slotMac(1))])
  const macs = [slotMac(1), '02:01:02:03:04:05']
  t.deepEqual(withMacs(state, macs), Buffer.concat(macs.map(bytes)))
})

test('a state in which a slot has no address is refused', (t) => {
  t.throws(() => withMacs(bytes(slotMac(0)), ['02:01:02:03:04:05', '02:01:02:03:04:06']), {
    message: "cannot set a NIC's address: slot 1 has none in the frozen state",
  })
})
