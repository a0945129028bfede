import 'reflect-metadata'
import { Command, CommanderError } from 'commander'
import { config as readEnvFile } from 'dotenv'
import { loadSettings, SettingsError } from '../config/index.js'
import { version } from '../process/version.js'
import { CommandError, UsageError } from './command-error.js'
import { addAudit } from './commands/audit.js'
import { addMigrate } from './commands/migrate.js'
import { addProjections } from './commands/projections.js'
import { addProject } from './commands/project.js'
import { type CommandContext } from './context.js'
import { findDatabase } from './find-database.js'

/** Every command; a new one is a file in `commands` and a line here. */
const COMMANDS = [addProject, addMigrate, addProjections, addAudit]

const DONE = 0
const FAILED = 1
const WRONG_USAGE = 2

/** Runs one command of the command line and returns the exit code. */
export async function runCommand(args: readonly string[]): Promise<number> {
  readEnvFile({ quiet: true })
  try {
    await commandLine({
      databaseUrl: () => findDatabase(loadSettings(process.env)),
      print: (result) => {
        console.log(result)
      },
    }).parseAsync(args, { from: 'user' })
    return DONE
  } catch (error) {
    return report(error as Error)
  }
}

function commandLine(context: CommandContext): Command {
  const program = new Command('rollcall')
    .description(
      'Commands for operators. They work on OWNER_DATABASE_URL, else on DATABASE_URL, else on the start that runs on DATA_DIR.',
    )
    .version(version(), '-v, --version', 'print the version')
    .usage('<command>   (npm run -s rollcall -- <command>)')
    .exitOverride()
    .showHelpAfterError('(--help shows how it is used)')
  for (const add of COMMANDS) add(program, context)
  return program
}

function report(error: Error): number {
  // Commander has told the user already; help that was asked for comes this way too.
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : WRONG_USAGE
  const isKnown = error instanceof CommandError || error instanceof SettingsError
  console.error(isKnown ? error.message : `It did not work: ${error.message}`)
  return error instanceof SettingsError || error instanceof UsageError ? WRONG_USAGE : FAILED
}
