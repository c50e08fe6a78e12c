/**
 * A task that is done once and shared by all who ask for it; one that failed is forgotten, so that the next who asks
 * tries it anew.
 */
export function forgetFailure<T>(task: () => Promise<T>): () => Promise<T> {
  let shared: Promise<T> | undefined
  return () => {
    shared ??= task().catch((error: unknown) => {
      shared = undefined
      throw error
    })
    return shared
  }
}
