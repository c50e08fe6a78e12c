import type { Row } from './row.ts'

const noPing = (name: string, more: object = { count: 0 }) => ({ frames: { in: name, filter: 'icmp', ...more } })
const pinged = 'ping -c 1 -W 5 10.0.0.2 >/dev/null'

/** Captures that hold no such frame because they hold none, or none any more. */
export const captureRows: readonly Row[] = [
  {
    what: 'the capture is of another NIC, on which nothing happens',
    does: `ip link add idle type dummy 2>/dev/null; ${pinged}`,
    step: { capture: { c: { nic: 'a:lo' } } },
    claim: noPing('c'),
    before: 'passed',
    wanted: 'error',
  },
  {
    what: 'no frame was sent at all: 0 of 0 on a cable',
    step: { capture: { c: { cable: 'a:eth2' } } },
    claim: { frames: { in: 'c', filter: 'tcp', count: 0 } },
    before: 'passed',
    wanted: 'error',
  },
  {
    what: 'no frame was sent at all, and at most five are claimed',
    step: { capture: { c: { cable: 'a:eth2' } } },
    claim: { frames: { in: 'c', filter: 'tcp', 'at-most': 5 } },
    before: 'passed',
    wanted: 'error',
  },
  {
    what: 'the filter has a typo',
    does: pinged,
    step: { capture: { c: { cable: 'a:eth1' } } },
    claim: { frames: { in: 'c', filter: 'icmpp', count: 0 } },
    before: 'error',
    wanted: 'refused',
  },
  {
    what: 'the NIC of the capture is misspelt',
    step: { capture: { c: { nic: 'a:eht1' } } },
    claim: noPing('c'),
    before: 'skipped',
    wanted: 'error',
  },
  {
    what: 'the capturing process is dead before anything happens',
    does: `pkill -x tcpdump; while pgrep -x tcpdump; do :; done; ${pinged}`,
    step: { capture: { c: { nic: 'a:eth1' } } },
    claim: noPing('c'),
    before: 'passed',
    wanted: 'error',
  },
  {
    what: 'the capturing process dies after its first frame',
    does: `arping -c 1 -I eth1 10.0.0.2 >/dev/null; sleep 0.2; pkill -x tcpdump; while pgrep -x tcpdump; do :; done; ${pinged}`,
    step: { capture: { c: { nic: 'a:eth1' } } },
    claim: noPing('c'),
    before: 'passed',
    wanted: 'error',
  },
  {
    what: "the capture's file is gone",
    does: `rm /run/capture-*; ${pinged}`,
    step: { capture: { c: { nic: 'a:eth1' } } },
    claim: noPing('c'),
    before: 'error',
    wanted: 'error',
  },
  {
    what: "the machine's disk is full",
    does: `arping -c 1 -I eth1 10.0.0.2 >/dev/null; fallocate -l 2G /run/full 2>/dev/null || dd if=/dev/zero of=/run/full bs=64k 2>/dev/null || :
ping -c 20 -i 0.01 -s 1000 10.0.0.2 >/dev/null; echo lost | socat -u - UDP4:10.0.0.2:9`,
    undo: 'rm /run/full',
    step: { capture: { c: { nic: 'a:eth1' } } },
    claim: { frames: { in: 'c', filter: 'udp', count: 0 } },
    before: 'error',
    wanted: 'error',
  },
]
