import { machineryError, type WirelabError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'

/** Faults that Vagrant and libvirt report at length: what they say, what it means, what mends it. */
const known: readonly {
  readonly words: RegExp
  readonly cause: (match: RegExpExecArray) => string
  readonly remedy: string
}[] = [
  {
    words: /provider '?libvirt'? could not be found|Could not find '?vagrant-libvirt/,
    cause: () => 'Vagrant lacks the plugin vagrant-libvirt',
    remedy: 'Install it: apt-get install vagrant-libvirt, or: vagrant plugin install vagrant-libvirt',
  },
  {
    words: /Name `(\S+)` of domain about to create is already taken/,
    cause: ([, name]) => `the name ${name} is taken in libvirt`,
    remedy: `${ownCommand('down')} removes what crashed runs left; virsh list --all shows the rest.`,
  },
  {
    words: /Volume for domain is already created/,
    cause: () => 'the name of its volume is taken in libvirt',
    remedy: `${ownCommand('down')} removes what crashed runs left; virsh vol-list default shows the rest.`,
  },
  {
    words: /Failed to connect socket to '([^']*libvirt[^']*)'/,
    cause: ([, socket]) => `libvirtd does not answer at ${socket}`,
    remedy: 'Start it: systemctl start libvirtd',
  },
  {
    words: /network is already in use by interface (\S+)|Network \S+ is not available|address.*already in use/i,
    cause: ([, nic]) => `its network's addresses are in use${nic ? ` on ${nic}` : ''}`,
    remedy: 'Free 192.168.119.0/24 on this host; machines are reached by it.',
  },
  {
    words:
      /Cannot access (?:storage|kernel|backing) file '?([^'\n]+)'?|could not open disk image ([^:\n]+): Permission denied|could not load kernel '([^']+)'/i,
    cause: ([, ...files]) => `libvirt's machines may not read ${files.find(Boolean)}`,
    remedy: 'Let them through to the box: setfacl -m u:libvirt-qemu:x ~ ~/.vagrant.d',
  },
]

const tailLines = 12

/** What went wrong with a lab's machines, from what Vagrant printed and how it ended. */
export function explainVagrant(cannot: string, how: string, lines: readonly string[], log: string): WirelabError {
  const text = lines.join('\n')
  for (const { words, cause, remedy } of known) {
    const match = words.exec(text)
    if (match) return machineryError(`${cannot}: ${cause(match)}`, remedy)
  }
  const tail = lines.filter((line) => line.trim() !== '').slice(-tailLines)
  const said = tail.length === 0 ? '' : `; its last lines:\n${tail.map((line) => `  ${line}`).join('\n')}`
  return machineryError(`${cannot}: ${how}${said}`, `All that Vagrant printed is in ${log}`)
}
