import { machineryError, messageOf } from '../../errors.ts'
import { runHostCommand } from '../../host/host-command.ts'
import type { Qmp } from '../qmp/qmp.ts'

/** libvirt's own time limit for a QEMU that does not answer is 30 s. */
const timeoutMs = 45_000

/** The hypervisor that virsh and Vagrant talk to. */
export const libvirtUri = (): string => process.env['LIBVIRT_DEFAULT_URI'] || 'qemu:///system'

/** Asks libvirt for something. Returns what virsh printed. @throws WirelabError of kind machinery in libvirt's words */
export async function virsh(...words: readonly string[]): Promise<string> {
  const [command = ''] = words
  try {
    const argv = ['virsh', '--quiet', '--connect', libvirtUri(), ...words] as const
    return (await runHostCommand(argv, { title: `virsh ${command}`, timeoutMs })).stdout
  } catch (error) {
    const words = messageOf(error).replace(/exit code \d+: (error: )?/, '')
    throw machineryError(words.replaceAll('\nerror: ', ': '), undefined, error)
  }
}

/** Lines of a list that virsh prints. */
export const virshLines = async (...words: readonly string[]): Promise<string[]> =>
  (await virsh(...words))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** QEMU's machine protocol, by way of libvirt. It has no events. */
export const qmpOf = (domain: string): Pick<Qmp, 'execute'> => ({
  async execute(command, parameters) {
    const request = JSON.stringify({ execute: command, ...(parameters ? { arguments: parameters } : {}) })
    const answer = JSON.parse(await virsh('qemu-monitor-command', domain, request)) as {
      readonly return?: unknown
      readonly error?: { readonly desc: string }
    }
    if (answer.error) throw machineryError(`cannot ${command} in ${domain}: ${answer.error.desc}`)
    return answer.return
  },
})
