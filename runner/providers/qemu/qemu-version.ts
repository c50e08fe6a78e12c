import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { machineryError, messageOf } from '../../errors.ts'
import { forgetFailure } from '../../host/forget-failure.ts'
import { ownCommand } from '../../host/own-command.ts'
import { qemuProgram } from './qemu-process.ts'

/**
 * Exact version of the QEMU that will run machines, such as "7.2.22 (Debian 1:7.2+dfsg-7)". Asked once a process, and
 * again after it could not be asked.
 * @throws WirelabError of kind machinery when QEMU is not installed, or does not start
 */
export const qemuVersion = forgetFailure(askVersion)

async function askVersion(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(qemuProgram, ['--version'])
    return /version (.+)/.exec(stdout)?.[1]?.trim() ?? 'unknown'
  } catch (error) {
    const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: string }
    if (code === 'ENOENT')
      throw machineryError(
        `cannot run ${qemuProgram}: it is not installed`,
        `${ownCommand('setup')} installs it`,
        error,
      )
    const remedy = `see what is wrong with it: ${qemuProgram} --version`
    throw machineryError(`cannot run ${qemuProgram}: ${stderr?.trim() || messageOf(error)}`, remedy, error)
  }
}
