import { type DataFolder } from './data-folder.js'
import { hasEnded, isRunning, signalProcess } from './processes.js'
import { RunningFile } from './running-file.js'

const PATIENCE_MS = 20_000

/**
 * After a launcher was killed its API and workers end by themselves, but may take a moment to finish what they
 * are at; meanwhile they hold their ports. Waits for them, and kills one that does not end.
 */
export async function awaitEndOfPrevious(folder: DataFolder, say: (line: string) => void): Promise<void> {
  const file = new RunningFile(folder)
  const left = (file.read()?.children ?? [])
    .map(({ name, pid }) => ({ name, pid, mark: folder.path }))
    .filter(isRunning)
  for (const process of left) {
    say(`Waiting for the previous start to end: ${process.name} (process ${process.pid})`)
    if (await hasEnded(process, PATIENCE_MS)) continue
    signalProcess(process, 'SIGKILL')
    await hasEnded(process, PATIENCE_MS)
  }
  file.remove()
}
