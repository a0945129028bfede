import { databaseTrouble, isDatabaseTrouble } from '../launcher/index.js'
import { CommandError } from './command-error.js'

/** Works on a database; what goes wrong there is told as `npm start` tells it. */
export async function onDatabase<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof CommandError || !isDatabaseTrouble(cause)) throw cause
    throw new CommandError(databaseTrouble(cause))
  }
}
