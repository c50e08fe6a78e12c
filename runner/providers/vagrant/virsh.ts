import { hasCode, machineryError } from '../../errors.ts'
import { runHostCommand } from '../../host/host-command.ts'
import type { Qmp } from '../qmp/qmp.ts'

/** libvirt's own time limit for a QEMU that does not answer is 30 s. */
const timeoutMs = 45_000

/** The hypervisor that virsh and Vagrant talk to. */
export const libvirtUri = (): string => process.env['LIBVIRT_DEFAULT_URI'] || 'qemu:///system'

/** Asks libvirt for something. Returns what virsh printed. @throws WirelabError of kind machinery in libvirt's words */
export async function virsh(...words: readonly string[]): Promise<string> {
  const title = `virsh ${words[0] ?? ''}`
  try {
    const argv = ['virsh', '--quiet', '--connect', libvirtUri(), ...words] as const
    return (await runHostCommand(argv, { title, timeoutMs })).stdout
  } catch (error) {
    if (!hasCode(error, 'exit-code')) throw error
    const { code, detail } = error
    const problem = libvirtsWords(detail.stderr) || detail.problem
    throw machineryError(`cannot run ${title}: ${problem}`, undefined, error, { code, detail: { ...detail, problem } })
  }
}

/** What virsh complains of, without the marks that it puts before each line. */
const libvirtsWords = (stderr: string) =>
  stderr
    .trim()
    .split('\n')
    .map((line) => line.replace(/^error: /, ''))
    .join(': ')

/** Whether virsh failed because a domain does not run, or is none. */
export const isNoDomain = (error: unknown): boolean =>
  hasCode(error, 'exit-code') && /domain is not running|failed to get domain/.test(error.detail.stderr)

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

/** Versions of libvirt and of the QEMU that runs its machines, such as "9.0.0" and "7.2.22". */
export async function libvirtVersions(): Promise<{ readonly libvirt: string; readonly qemu: string }> {
  const printed = await virsh('version')
  const versionIn = (pattern: RegExp) => pattern.exec(printed)?.[1] ?? 'unknown'
  return { libvirt: versionIn(/library: libvirt (\S+)/), qemu: versionIn(/hypervisor: QEMU (\S+)/) }
}
