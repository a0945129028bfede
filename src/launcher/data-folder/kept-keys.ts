import { APP_ID_RULE, APP_TOKEN_RULE, isWeakToken, TOO_WEAK } from '../../config/index.js'
import { type ProjectKeys } from '../../projects/index.js'
import { StartError } from '../start-error.js'
import { type DataFolder } from './data-folder.js'
import { keepPrivate, readPrivately, writePrivately } from './private-file.js'

/** `demo-project.json` in the data folder: the keys of the demo project, which an operator may change. */
export class KeptKeys {
  readonly path: string

  constructor(
    folder: DataFolder,
    private readonly isProduction: boolean,
  ) {
    this.path = folder.file('demo-project.json')
  }

  /** Undefined when there are none. They are checked as those in the settings are. Throws a {@link StartError}. */
  read(): ProjectKeys | undefined {
    const kept = readPrivately(this.path)
    if (kept === undefined) return undefined
    keepPrivate(this.path)
    const { appId, appToken } = Object(kept) as Partial<ProjectKeys>
    if (!obeys(APP_ID_RULE, appId)) throw this.wrong('appId', `must ${APP_ID_RULE.must}`)
    if (!obeys(APP_TOKEN_RULE, appToken)) throw this.wrong('appToken', `must ${APP_TOKEN_RULE.must}`)
    if (this.isProduction && isWeakToken(appToken)) throw this.wrong('appToken', TOO_WEAK)
    return { appId, appToken }
  }

  write(keys: ProjectKeys): void {
    writePrivately(this.path, keys)
  }

  /** The token is not repeated. */
  private wrong(field: keyof ProjectKeys, why: string): StartError {
    return new StartError(`${field} in ${this.path} ${why}.`, 2)
  }
}

const obeys = ({ pattern }: { pattern: RegExp }, value: unknown): value is string =>
  typeof value === 'string' && pattern.test(value)
