/**
 * The host's clock, in milliseconds since 1970, finer than Date.now(). It goes on steadily from when this process
 * began: where the host's clock is set meanwhile it isn't, and so the clocks of machines, the stamps of captures and
 * the times of a lab's events remain those of one clock, whenever each began.
 */
export const hostNowMs = (): number => performance.timeOrigin + performance.now()
