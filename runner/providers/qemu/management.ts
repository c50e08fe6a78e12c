import { readFile } from 'node:fs/promises'
import { machineryError } from '../../errors.ts'
import type { Image } from '../../image/image.ts'
import type { SshAddress } from '../../transports/ssh-login.ts'
import type { Qmp } from '../qmp/qmp.ts'

/**
 * Where QEMU forwards a machine's SSH port to. QEMU chose the port itself, so that no other program can take it
 * between choice and use.
 */
export async function sshAddressOf(image: Image, qmp: Qmp): Promise<SshAddress> {
  const table = String(await qmp.execute('human-monitor-command', { 'command-line': 'info usernet' }))
  const port = parseForwardedPort(table)
  if (port === undefined) throw machineryError(`cannot find the machine's SSH port: QEMU says\n${table}`)
  return { host: '127.0.0.1', port, user: 'root', clientKey: await readFile(image.clientKey), hostKey: image.hostKey }
}

/** The host's port in the table that QEMU's `info usernet` prints. */
export function parseForwardedPort(table: string): number | undefined {
  const port = /HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s/.exec(table)?.[1]
  return port === undefined ? undefined : Number(port)
}
