import test from 'ava'
import { parseSshConfig, sshHostOf } from './ssh-config.ts'

// As Vagrant 2.3.4 prints it.
const printed = `Host sw1
  HostName 192.168.119.184
  User root
  Port 22
  IdentityFile "/var/lib/a folder/client-key"
  LogLevel FATAL

Host sw2
  HostName 192.168.119.36
  User root
  Port 2222
  LogLevel FATAL

`

test('each machine is where Vagrant says', (t) => {
  const hosts = parseSshConfig(printed)
  t.deepEqual([...hosts.keys()], ['sw1', 'sw2'])
  t.deepEqual(sshHostOf(hosts, 'sw1'), '192.168.119.184')
  t.deepEqual(sshHostOf(hosts, 'sw2'), '192.168.119.36')
})

test('a machine that Vagrant does not tell of is named', (t) => {
  t.throws(() => sshHostOf(parseSshConfig('warning\n'), 'sw1'), {
    message: 'cannot log in to machine sw1: Vagrant does not say where it is',
  })
})
