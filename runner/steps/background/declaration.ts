/** A process of a node that runs while the lab goes on. */
export interface BackgroundDeclaration {
  readonly id: string
  /** Shell commands. */
  readonly text: string
  /** It is ready when its output contains this; and when something listens on the port. */
  readonly ready?: string
  readonly readyPort?: number
  readonly withinMs: number
}
