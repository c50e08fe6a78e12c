import { machineryError } from '../../errors.ts'

/** Where Vagrant says that a machine's SSH server is. */
export interface SshHost {
  readonly host: string
  readonly port: number
}

/** The hosts of what `vagrant ssh-config` prints, by the machines' names. See ssh_config(5). */
export function parseSshConfig(text: string): Map<string, SshHost> {
  const hosts = new Map<string, SshHost>()
  for (const block of text.split(/^(?=Host )/m)) {
    const value = (word: string) => new RegExp(`^\\s*${word}\\s+"?([^"\\n]+?)"?\\s*$`, 'm').exec(block)?.[1]
    const [name, host] = [value('Host'), value('HostName')]
    if (name !== undefined && host !== undefined) hosts.set(name, { host, port: Number(value('Port') ?? 22) })
  }
  return hosts
}

/** @throws WirelabError of kind machinery when a machine is missing */
export function sshHostOf(hosts: ReadonlyMap<string, SshHost>, machine: string): SshHost {
  const host = hosts.get(machine)
  if (!host) throw machineryError(`cannot log in to machine ${machine}: Vagrant does not say where it is`)
  return host
}
