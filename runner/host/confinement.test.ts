import test from 'ava'
import { noOtherUser } from '../testing/other-user.ts'
import { confinedUser } from './confinement.ts'

/** CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_KILL, CAP_SETGID and CAP_SETUID of capabilities(7). */
const needed = [0, 1, 5, 6, 7]
const status = (capabilities: readonly number[]) =>
  `CapEff:\t${capabilities.reduce((mask, one) => mask + 2 ** one, 0).toString(16)}\n`
const all = '0 0 4294967295'

const testAsRoot = noOtherUser ? test.skip : test

testAsRoot('root becomes another user only where it can also give that one files, clear away and end it', (t) => {
  t.regex(String(confinedUser(status(needed), all)?.uid), /^6\d{4}$/)
  for (const missing of needed) t.is(confinedUser(status(needed.filter((one) => one !== missing)), all), undefined)
})

testAsRoot('in a user namespace without that user root stays what it is', (t) => {
  t.is(confinedUser(status(needed), '0 1000 1\n1 100000 60000'), undefined)
})
