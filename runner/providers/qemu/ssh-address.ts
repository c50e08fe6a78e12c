import { readFile } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import type { Image } from '../../image/image.ts'
import type { SshAddress } from '../../transports/ssh-login.ts'

/** Where the SSH server of a machine is, to which `open` opens a stream: a port of virtio-serial, and no network. */
export const sshAddressOf = async (
  { clientKey, hostKey }: Pick<Image, 'clientKey' | 'hostKey'>,
  machine: string,
  open: () => Duplex,
): Promise<SshAddress> => ({ at: machine, open, user: 'root', clientKey: await readFile(clientKey), hostKey })
