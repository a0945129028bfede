import { APP_ID, APP_TOKEN, IS_WEAK, isWeakToken } from '../../config/index.js'
import { type ProjectKeys } from '../../projects/index.js'
import { StartError } from '../start-error.js'
import { readPrivately } from './private-file.js'

/**
 * The keys of a project that a file of the data folder holds, which an operator may change; undefined when there is no
 * such file. They are checked as those in the settings are.
 */
export function readKeptKeys(
  file: string,
  { isProduction }: { isProduction: boolean },
): ProjectKeys | undefined {
  const kept = readPrivately(file)
  if (kept === undefined) return undefined
  const { appId, appToken } = Object(kept) as Partial<ProjectKeys>
  if (!isLike(APP_ID, appId)) throw wrong(file, 'appId', `must ${APP_ID.must}`)
  if (!isLike(APP_TOKEN, appToken)) throw wrong(file, 'appToken', `must ${APP_TOKEN.must}`)
  if (isProduction && isWeakToken(appToken)) throw wrong(file, 'appToken', IS_WEAK)
  return { appId, appToken }
}

const isLike = ({ pattern }: { pattern: RegExp }, value: unknown): value is string =>
  typeof value === 'string' && pattern.test(value)

/** The token is not repeated. */
const wrong = (file: string, field: keyof ProjectKeys, why: string): StartError =>
  new StartError(`${field} in ${file} ${why}.`, 2)
