import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { Client } from 'ssh2'
import { machineryError } from '../errors.ts'

/** The way to a server that listens on a TCP port. */
export const overTcp = (host: string, port: number): Pick<SshAddress, 'at' | 'open'> => ({
  at: `${host}:${port}`,
  open: () => connect({ host, port }),
})

/** Where a machine's SSH server is, and the keys of both sides. */
export interface SshAddress {
  /** Words for it in errors. */
  readonly at: string
  /** Opens a new stream to it. What goes wrong there may be an event of the stream. */
  open(): Duplex
  readonly user: string
  /** OpenSSH or PEM private key. */
  readonly clientKey: string | Buffer
  /** The server's only acceptable public key, base64 of its wire format. */
  readonly hostKey: string
}

/**
 * Of what OpenSSH and Dropbear both speak, the algorithms here cost emulated machines the least. @throws as connectSsh
 */
export function logIn(address: SshAddress, timeoutMs: number): Promise<Client> {
  const client = new Client()
  const cannot = `cannot log in at ${address.at}`
  return new Promise((resolve, reject) => {
    client.once('ready', () => {
      client.setNoDelay()
      resolve(client)
    })
    client.on('error', (error) => {
      client.destroy()
      reject(machineryError(`${cannot}: ${error.message}`, undefined, error))
    })
    client.once('close', () => {
      reject(machineryError(`${cannot}: connection closed`))
    })
    client.connect({
      sock: address.open(),
      username: address.user,
      privateKey: address.clientKey,
      readyTimeout: timeoutMs,
      // Without asking first what else there is.
      authHandler: ['publickey'],
      hostVerifier: (key: Buffer) => key.toString('base64') === address.hostKey,
      algorithms: {
        kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org'],
        serverHostKey: ['ssh-ed25519'],
        cipher: ['aes128-ctr'],
        hmac: ['hmac-sha2-256', 'hmac-sha1'],
        compress: ['none'],
      },
    })
  })
}
