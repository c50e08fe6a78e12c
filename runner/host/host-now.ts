/** The host's clock, in milliseconds since 1970, finer than Date.now(). */
export const hostNowMs = (): number => performance.timeOrigin + performance.now()
