/** `npm start`: makes the clone ready, then brings everything up and stays until it is told to stop. */
import { acquireLock } from './lock.mjs'
import { prepare } from './prepare.mjs'

const HELP = `npm start

Brings up everything: packages, build, PostgreSQL and Redis unless they are given, the schema, an API and its workers.
Stays until Ctrl-C. It takes no arguments: settings come from the environment or from .env (docs/settings.md), such as
  PORT=3100 DATA_DIR=/srv/rollcall npm start
Ends with 0 when it was asked to stop, 1 when it could not start, 2 when a setting or an argument is wrong.`

const [argument] = process.argv.slice(2)
if (argument === undefined) await start()
else if (argument === '--help' || argument === '-h') console.log(HELP)
else {
  console.error(`npm start takes no arguments, and so no ${argument} (--help shows how it is used).`)
  process.exitCode = 2
}

async function start() {
  try {
    await prepare()
    const { launch } = await import('../dist/launcher/main.js')
    process.exitCode = await launch({ acquireLock })
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
