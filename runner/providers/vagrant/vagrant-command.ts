import { join } from 'node:path'
import { pathInside } from '../../host/file-names.ts'
import { commandProblem, tryHostCommand } from '../../host/host-command.ts'
import { keepLog } from '../../host/kept-file.ts'
import { roomOf } from '../../host/room.ts'
import type { ScopeOptions } from '../provider.ts'
import { explainVagrant } from './vagrant-errors.ts'
import { makeVagrantHome } from './vagrant-home.ts'
import { libvirtUri } from './virsh.ts'

/** The project's folder, in which the Vagrantfile stands. */
const project = join(import.meta.dirname, '..', '..', '..')

/** Vagrant for one bring-up: it sees the machines of that plan only, and keeps what it knows of them apart. */
export interface VagrantOfRun {
  /**
   * Runs a command of Vagrant's. Returns what it printed.
   * @throws WirelabError of kind machinery that explains what it printed, or the signal's reason
   */
  run(words: readonly [string, ...string[]], options: VagrantRunOptions): Promise<string>
  /** Closes its log; what it prints later is dropped. */
  close(): void
}

export interface VagrantRunOptions {
  readonly cannot: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** Receives what Vagrant is doing, for people. */
  onProgress?(message: string): void
}

const logName = 'vagrant.log'
const logBytes = 64 * 1024 * 1024

/**
 * @param folder short-lived, for what Vagrant keeps
 * @param scope in whose logs all that Vagrant prints is kept
 */
export function vagrantOfRun(
  planFile: string,
  folder: string,
  { logs, onLost }: Pick<ScopeOptions, 'logs' | 'onLost'>,
): VagrantOfRun {
  const home = makeVagrantHome(folder)
  const path = pathInside(logs, logName)
  const log = keepLog(path, roomOf(logBytes), (cause) => onLost?.(logName, cause))
  const keep = (line: string) => log.add(Buffer.from(`${line}\n`))
  return {
    close: log.close,
    async run(words, { cannot, timeoutMs, signal, onProgress }) {
      keep(`$ vagrant ${words.join(' ')}`)
      const lines: string[] = []
      const onLine = (raw: string) => {
        const line = readable(raw)
        // The copying of a box is told of in hundreds of lines.
        if (line === '' || /^Progress: \d+%/.test(line)) return
        lines.push(line)
        keep(line)
        const told = progressOf(line)
        if (told !== undefined) onProgress?.(told)
      }
      const how = await tryHostCommand(['vagrant', ...words, '--no-color'], {
        title: `vagrant ${words[0]}`,
        folder: project,
        environment: {
          VAGRANT_CWD: project,
          VAGRANT_DOTFILE_PATH: join(folder, 'dotfile'),
          VAGRANT_HOME: home,
          VAGRANT_DEFAULT_PROVIDER: 'libvirt',
          VAGRANT_CHECKPOINT_DISABLE: '1',
          LIBVIRT_DEFAULT_URI: libvirtUri(),
          WIRELAB_PLAN: planFile,
          WIRELAB_BOX: '',
        },
        timeoutMs,
        // What it would do to clean up is done from here, and in a bounded time.
        stopSignal: 'SIGKILL',
        dieWithRunner: true,
        ...(signal ? { signal } : {}),
        onLine,
      }).then(
        ({ exitCode, stdout }) => ({ exitCode, stdout, words: `vagrant ${words[0]} ended with exit code ${exitCode}` }),
        (error: unknown) => ({ exitCode: -1, stdout: '', words: commandProblem(error) }),
      )
      signal?.throwIfAborted()
      if (how.exitCode === 0) return how.stdout
      throw explainVagrant(cannot, how.words, lines, path)
    },
  }
}

/** Without what moves a terminal's cursor. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it removes
const readable = (line: string) => line.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').trimEnd()

/** Of what Vagrant prints of each machine, what takes long or ends something. */
const telling = /^(Uploading|Starting domain|Waiting for|Machine booted|Removing domain)/

function progressOf(line: string) {
  const [, machine, words = ''] = /^==> (\S+): (.*)$/.exec(line) ?? []
  return machine === undefined || !telling.test(words) ? undefined : `vagrant: ${machine}: ${words}`
}
