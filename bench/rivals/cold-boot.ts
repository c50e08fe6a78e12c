import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { diesWithRunner } from '../../runner/host/dies-with-runner.ts'
import { openImage } from '../../runner/image/image.ts'
import type { Rival, Session } from '../measurement.ts'

/** Printed by the machine's first command. */
const marker = 'wirelab-bench-output'

/** What shapes a machine, of the arguments of one that was copied. */
const shaping = ['-machine', '-m', '-smp', '-accel', '-cpu']

/**
 * The image boots in a QEMU of the same shape, without NICs. systemd gives the command as soon as its basic target
 * stands (systemd-run-generator(8)), and nobody logs in: a machine that is used takes longer.
 */
export const coldBoot: Rival = {
  name: 'cold boot',
  lacks: () => undefined,
  sample: async (_count, session) => ({ 'first output': await boot(session) }),
}

async function boot({ qemuArguments, signal }: Session): Promise<number> {
  const { kernel, initrd, root, manifest } = await openImage()
  const shape = shaping.flatMap((option) => [option, qemuArguments[qemuArguments.indexOf(option) + 1] ?? ''])
  const size = shape[shape.indexOf('-m') + 1] ?? ''
  const id = /memory-backend=([^,]+)/.exec(shape.join(' '))?.[1] ?? 'ram'
  const argv = [
    ...['qemu-system-x86_64', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', ...shape],
    ...['-object', `memory-backend-ram,id=${id},size=${size}`],
    ...['-kernel', kernel, '-initrd', initrd],
    ...['-append', `${manifest.kernel.commandLine} panic=-1 systemd.run="echo ${marker}"`],
    ...['-drive', `file=${root},if=none,id=root,readonly=on,format=raw`, '-device', 'virtio-blk-pci,drive=root'],
    ...['-serial', 'stdio'],
  ]
  const startedMs = performance.now()
  const qemu = spawn('setpriv', diesWithRunner(argv).slice(1), { stdio: ['ignore', 'pipe', 'inherit'], signal })
  const closed = once(qemu, 'close')
  closed.catch(() => {})
  let console = ''
  let outputMs: number | undefined
  qemu.stdout.setEncoding('utf8').on('data', (text: string) => {
    console += text
    if (!console.includes(marker)) return
    outputMs ??= performance.now() - startedMs
    qemu.kill('SIGKILL')
  })
  await closed
  if (outputMs === undefined) throw new Error(`the image did not boot; its console:\n${console.slice(-2000)}`)
  return outputMs
}
