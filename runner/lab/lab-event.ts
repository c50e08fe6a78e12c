import type { Endpoint, Impairment } from './lab.ts'

/** Something happens to a cable, a machine or a NIC. */
export type LabEvent = LinkEvent | MachineEvent | NicEvent | ImpairEvent

export interface LinkEvent {
  readonly kind: 'link'
  /** One end of the cable. */
  readonly endpoint: Endpoint
  /** `down`: no carrier at both ends; `silent`: carrier, but frames vanish; `up`: whole. */
  readonly state: 'up' | 'down' | 'silent'
  /** Which frames vanish when silent, seen from the endpoint. */
  readonly direction: 'both' | 'in' | 'out'
}

export interface MachineEvent {
  readonly kind: 'machine'
  readonly node: string
  /**
   * `crashed`: gone at once, its neighbours keep their carrier; `stopped`: shut down in order, they lose it; `frozen`:
   * stands still; `running`: goes on where it stood still, or starts with nothing of its former state.
   */
  readonly state: 'crashed' | 'stopped' | 'frozen' | 'running'
}

export interface NicEvent {
  readonly kind: 'nic'
  readonly endpoint: Endpoint
  readonly state: 'plugged' | 'unplugged'
}

export interface ImpairEvent {
  readonly kind: 'impair'
  /** Where the frames leave. */
  readonly endpoint: Endpoint
  readonly impairment: Impairment
}
