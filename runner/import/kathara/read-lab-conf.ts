import { nearestWord } from '../../lab/text/nearest.ts'
import type { Span } from '../../lab/text/yaml-mistakes.ts'
import type { FileRemarks } from '../remarks.ts'

/** A device of a lab.conf. */
export interface Device {
  readonly name: string
  /** Where it is named first. */
  readonly place: Span
  readonly nics: readonly { readonly nic: string; readonly domain: string }[]
  readonly macs: readonly { readonly nic: string; readonly mac: string }[]
  readonly image?: { readonly value: string; readonly place: Span }
  /** What its options make of shell lines. */
  readonly commands: readonly string[]
}

export interface LabConf {
  readonly devices: readonly Device[]
  readonly description?: string
}

interface Assignment {
  readonly device: string
  readonly arg: string
  readonly value: string
  readonly place: Span
  readonly valuePlace: Span
}

const assignment = /^([a-z0-9_]{1,30})\[(\w+)\]=(["']?)(.*?)\3(\s+#.*)?$/
const about = /^LAB_(NAME|DESCRIPTION|VERSION|AUTHOR|EMAIL|WEB)=(.*)$/

/** Options of a device that mean nothing where no container runs. */
const quiet: ReadonlySet<string> = new Set([
  'shell',
  'num_terms',
  'ipv6',
  'privileged',
  'hosthome_mount',
  'shared_mount',
])

/** Options that are not taken over, and what to do. */
const left: Readonly<Record<string, string>> = {
  port: 'nothing of the host is touched: ask the server from a node of the lab',
  bridged: 'machines reach nothing outside of the lab',
  mem: "it bounds a container, a machine's is its own: add memory: 512M to the node",
  cpus: 'machines have one processor each',
  volume: 'nothing of the host is touched: put the files into the folder of the device',
  ulimit: 'a step may say ulimit',
  entrypoint: 'let a step start the program',
  args: 'let a step start the program',
}

/** Reads a lab.conf. What it can't read is reported. */
export function readLabConf(text: string, report: FileRemarks): LabConf {
  const devices = new Map<string, Assignment[]>()
  let description: string | undefined
  for (const { line, start } of linesOf(text)) {
    const [, key, value = ''] = about.exec(line) ?? []
    if (key === 'DESCRIPTION') description = value.replaceAll(/["']/g, '').trim() || undefined
    if (key !== undefined || line === '' || line.startsWith('#')) continue
    const match = assignment.exec(line)
    if (match === null) {
      report.errorAt(
        { start, end: start + line.length },
        {
          message: `cannot read "${line.slice(0, 60)}": expected device[number]=domain or device[option]=value`,
        },
      )
      continue
    }
    const [, device = '', arg = '', quote = '', found = ''] = match
    const at = start + line.indexOf('=') + 1 + quote.length
    const valuePlace = { start: at, end: at + found.length }
    const assigned = { device, arg, value: found, place: { start, end: start + device.length }, valuePlace }
    devices.set(device, [...(devices.get(device) ?? []), assigned])
  }
  if (devices.size === 0) report.errorAt({ start: 0, end: 0 }, { message: 'cannot import a lab without devices' })
  return {
    devices: Array.from(devices, ([name, all]) => readDevice(name, all, report)),
    ...(description === undefined ? {} : { description }),
  }
}

function* linesOf(text: string) {
  let start = 0
  for (const whole of text.split('\n')) {
    const indent = /^\s*/.exec(whole)?.[0].length ?? 0
    yield { line: whole.trim(), start: start + indent }
    start += whole.length + 1
  }
}

function readDevice(name: string, all: readonly Assignment[], report: FileRemarks): Device {
  const nics: { nic: string; domain: string }[] = []
  const macs: { nic: string; mac: string }[] = []
  const commands: string[] = []
  let image: Device['image']
  for (const one of all) {
    const { arg, value, place, valuePlace } = one
    if (/^\d+$/.test(arg)) {
      const end = readNic(one, nics, report)
      if (end === undefined) continue
      nics.push(end)
      if (end.mac !== undefined) macs.push({ nic: end.nic, mac: end.mac })
    } else if (arg === 'image') image = { value, place: valuePlace }
    else if (arg === 'exec') commands.push(value)
    else if (arg === 'sysctl') commands.push(`sysctl -w ${value}`)
    else if (arg === 'env') commands.push(`export ${value}`)
    else if (!quiet.has(arg)) warnOfOption(arg, place, report)
  }
  return { name, place: all[0]?.place ?? { start: 0, end: 0 }, nics, macs, commands, ...(image ? { image } : {}) }
}

function readNic({ arg, value, valuePlace }: Assignment, before: Device['nics'], report: FileRemarks) {
  const nic = `eth${Number(arg)}`
  const [, domain, mac] = /^(\w+)(?:\/([0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}))?$/.exec(value) ?? []
  const refuse = (message: string): undefined => report.errorAt(valuePlace, { message }) ?? undefined
  if (domain === undefined)
    return refuse(`cannot plug ${nic} into "${value}": expected a collision domain, of letters, digits and _`)
  if (before.some((other) => other.nic === nic)) return refuse(`cannot plug ${nic} twice`)
  return { nic, domain, mac }
}

function warnOfOption(option: string, place: Span, { warnAt }: FileRemarks): void {
  const hint = Object.hasOwn(left, option) ? left[option] : undefined
  warnAt(place, {
    message: `cannot take "${option}" over${hint === undefined ? ': an import knows no such option' : ''}`,
    hint,
    nearest: () =>
      hint === undefined ? nearestWord(option, [...quiet, ...Object.keys(left), 'image', 'exec']) : undefined,
  })
}
