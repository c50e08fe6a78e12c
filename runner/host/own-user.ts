import { userInfo } from 'node:os'

/** The user that this process runs as, of whom the system may know nothing but the number. */
export interface OwnUser {
  readonly uid: number
  /** The number, where the user has no name. */
  readonly name: string
  /** Absolute path, as passwd(5) has it. */
  readonly home: string | undefined
}

/** Who this process runs as. A container may run it as any number, with no entry in passwd(5). */
export function ownUser(): OwnUser {
  const uid = process.geteuid?.() ?? 0
  try {
    const { username, homedir } = userInfo()
    return { uid, name: username, home: homedir }
  } catch {
    return { uid, name: String(uid), home: undefined }
  }
}
