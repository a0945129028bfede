import { type Command } from 'commander'
import { migrate } from '../../database/index.js'
import { type CommandContext } from '../context.js'
import { onDatabase } from '../on-database.js'

/** `migrate`: for a PostgreSQL of one's own, ahead of a release; `npm start` does it too. */
export function addMigrate(program: Command, { databaseUrl, print }: CommandContext): void {
  program
    .command('migrate')
    .description('bring the database schema up to date')
    .action(async () => {
      const url = databaseUrl()
      await onDatabase(() => migrate(url))
      print('The database schema is up to date.')
    })
}
