/** Returns a function that gives the paths of the logs in a folder of the results folder, of all the paths in that. */
export function findLogs(files: readonly string[] = []): (folder: string) => readonly string[] {
  const logs = files.filter((path) => path.endsWith('.log'))
  const byFolder = Map.groupBy(logs, (path) => path.slice(0, path.lastIndexOf('/')))
  return (folder) => byFolder.get(folder) ?? []
}
