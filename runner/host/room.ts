/** What may be kept of all that the machines of one scope print and send. */
export interface Room {
  /** Begins one file's part in it. */
  share(): Share
}

/** One file's part in a room. */
export interface Share {
  /** How many bytes it may take now. */
  freeBytes(): number
  /** Takes so many bytes, or as many as it may. Returns how many; none ever after it had to refuse some. */
  take(bytes: number): number
  /** How many bytes it refused. */
  readonly lostBytes: number
  /** Gives back all that it took. */
  free(): void
}

/** A folder with the room that there is for files in it. */
export interface KeepingPlace {
  readonly folder: string
  readonly room: Room
}

const usualRoomBytes = 1e9
/** No one file takes the place of all others. */
const filesInRoom = 4

/** A room of so many bytes, 1 GB when nothing is said; one file has a quarter of it at most. */
export function roomOf(bytes = usualRoomBytes): Room {
  let leftBytes = bytes
  return {
    share() {
      let taken = 0
      let lostBytes = 0
      const freeBytes = () =>
        lostBytes > 0 ? 0 : Math.max(0, Math.min(Math.ceil(bytes / filesInRoom) - taken, leftBytes))
      return {
        freeBytes,
        take(wanted) {
          const given = Math.min(wanted, freeBytes())
          taken += given
          leftBytes -= given
          lostBytes += wanted - given
          return given
        },
        get lostBytes() {
          return lostBytes
        },
        free() {
          leftBytes += taken
          taken = 0
        },
      }
    },
  }
}
