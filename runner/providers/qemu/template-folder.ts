import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../../host/cache.ts'
import { cacheName, type Image } from '../../image/image.ts'
import { tellTimeScript, warmUpScript } from '../guest/guest-scripts.ts'
import { spareNic, templateNic } from './cables.ts'
import { type MachineShape, qemuArguments } from './command-line.ts'
import { qemuVersion } from './qemu-version.ts'
import { templatePorts } from './ssh-ports.ts'

/** The state fits only the same QEMU, devices and files, so everything of these is in the name. */
export async function templateFolder(image: Image, shape: MachineShape): Promise<string> {
  const neutral = qemuArguments(shape, { name: 'template', incoming: false, nics: [], ports: templatePorts })
  const parts = [
    image.manifest.files,
    await qemuVersion(),
    warmUpScript,
    tellTimeScript,
    templateNic(0),
    spareNic(),
    // Neither files nor the process's name shape what is frozen.
    ...neutral.filter((argument, at) => !argument.startsWith('/') && neutral[at - 1] !== '-name'),
  ]
  if (shape.accelerator === 'kvm') parts.push(await hostCpu())
  const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
  return join(cacheFolder(), 'templates', `${cacheName(image)}-${shape.accelerator}-${shape.memoryMiB}M-${key}`)
}

/** What a state that has all of a machine's memory fits, by what people call it; on whichever host. */
export async function whatStateFits(image: Image, shape: MachineShape): Promise<Readonly<Record<string, string>>> {
  const built = Object.values(image.manifest.built).map(({ sha256 }) => sha256)
  const digest = (what: unknown) => createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 16)
  const neutral = qemuArguments(shape, { name: 'template', incoming: true, nics: [], ports: {} })
  return {
    image: `${image.name} ${image.key} ${digest(built)}`,
    QEMU: await qemuVersion(),
    accelerator: shape.accelerator,
    devices: digest([...neutral, templateNic(0)]),
    processor: shape.accelerator === 'kvm' ? digest(await hostCpu()) : 'emulated',
  }
}

/** Under KVM a state also depends on the host's processor. */
async function hostCpu() {
  const lines = (await readFile('/proc/cpuinfo', 'utf8')).split('\n')
  return lines.filter((line, at) => /^(model name|flags|microcode)\s/.test(line) && lines.indexOf(line) === at).join()
}
