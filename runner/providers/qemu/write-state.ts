import { once } from 'node:events'
import { rmSync, writeSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { machineryError } from '../../errors.ts'
import { ownCommand } from '../../host/own-command.ts'
import type { Qmp } from '../qmp/qmp.ts'
import { descriptorIn, pathIn } from './descriptors.ts'

/** Memory that is shared stays in its file; both who writes a state and who loads it need the same. */
const stateCapabilities = ['x-ignore-shared', 'events'].map((capability) => ({ capability, state: true }))

/** As much as there is: nobody else needs the socket meanwhile. */
const bytesPerSecond = 2 ** 40

/**
 * Has a QEMU whose machine stands still write its state, piece by piece, by a socket of that name in its folder of
 * sockets. Returns when all is written.
 * @throws what `take` throws; WirelabError of kind machinery when QEMU can't
 */
export async function writeState(
  { qmp }: { readonly qmp: Qmp },
  { sockets, socket }: { readonly sockets: string; readonly socket: string },
  take: (chunk: Buffer) => void,
): Promise<void> {
  await qmp.execute('migrate-set-capabilities', { capabilities: stateCapabilities })
  await qmp.execute('migrate-set-parameters', { 'max-bandwidth': bytesPerSecond })
  const done = untilMigrated(qmp)
  const path = join(sockets, socket)
  const receiver = createServer()
  receiver.listen({ path, writableAll: true })
  await once(receiver, 'listening')
  try {
    const received = once(receiver, 'connection').then(async ([stream]) => {
      for await (const chunk of stream as Socket) take(chunk as Buffer)
    })
    let fault: unknown
    received.catch((error: unknown) => {
      fault = error
    })
    await qmp.execute('migrate', { uri: `unix:${pathIn('sockets', socket)}` })
    if (!(await done)) throw fault ?? machineryError("cannot write a machine's state: QEMU's migration failed")
    await received
  } finally {
    receiver.close()
    rmSync(path, { force: true })
  }
}

/** Loads a state, which is open in QEMU, into its machine. @throws WirelabError of kind machinery when it doesn't fit */
export async function loadState({ qmp }: { readonly qmp: Qmp }): Promise<void> {
  await qmp.execute('migrate-set-capabilities', { capabilities: stateCapabilities })
  // Who goes on where it was has not moved: no frames that tell of it.
  await qmp.execute('migrate-set-parameters', { 'announce-rounds': 0 })
  const migrated = untilMigrated(qmp)
  await qmp.execute('migrate-incoming', { uri: `fd:${descriptorIn('state')}` })
  if (!(await migrated))
    throw machineryError(
      'cannot restore the frozen state: QEMU refused it',
      `To make everything anew: ${ownCommand('image remove')}, and ${ownCommand('setup')}`,
    )
}

/** Waits for the end of a migration. Returns whether it went well. */
async function untilMigrated(qmp: Qmp): Promise<boolean> {
  const { data } = await qmp.waitFor(
    ({ event, data: told }) => event === 'MIGRATION' && /completed|failed/.test(String(told?.['status'])),
  )
  return data?.['status'] === 'completed'
}

/** Writes all of a chunk to a file, behind what is there. @throws what the file system throws */
export function writeAll(descriptor: number, chunk: Buffer): void {
  for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at)
}
