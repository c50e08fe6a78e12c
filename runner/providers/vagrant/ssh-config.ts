import { machineryError } from '../../errors.ts'

/** The addresses in what `vagrant ssh-config` prints, by the machines' names. See ssh_config(5). */
export function parseSshConfig(text: string): Map<string, string> {
  const hosts = new Map<string, string>()
  for (const block of text.split(/^(?=Host )/m)) {
    const value = (word: string) => new RegExp(`^\\s*${word}\\s+"?([^"\\n]+?)"?\\s*$`, 'm').exec(block)?.[1]
    const [name, host] = [value('Host'), value('HostName')]
    if (name !== undefined && host !== undefined) hosts.set(name, host)
  }
  return hosts
}

/** @throws WirelabError of kind machinery when a machine is missing */
export function sshHostOf(hosts: ReadonlyMap<string, string>, machine: string): string {
  const host = hosts.get(machine)
  if (!host) throw machineryError(`cannot log in to machine ${machine}: Vagrant does not say where it is`)
  return host
}
