import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandProblem, tryHostCommand } from '../../host/host-command.ts'
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
}

export interface VagrantRunOptions {
  readonly cannot: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** Receives what Vagrant is doing, for people. */
  onProgress?(message: string): void
}

/**
 * @param folder short-lived, for what Vagrant keeps
 * @param log receives all that Vagrant prints
 */
export function vagrantOfRun(planFile: string, folder: string, log: string): VagrantOfRun {
  const home = makeVagrantHome(folder)
  return {
    async run(words, { cannot, timeoutMs, signal, onProgress }) {
      appendFileSync(log, `$ vagrant ${words.join(' ')}\n`)
      const lines: string[] = []
      const onLine = (raw: string) => {
        const line = readable(raw)
        // The copying of a box is told of in hundreds of lines.
        if (line === '' || /^Progress: \d+%/.test(line)) return
        lines.push(line)
        appendFileSync(log, `${line}\n`)
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
      throw explainVagrant(cannot, how.words, lines, log)
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
