/** `npm run -s rollcall -- <command>`: the commands of an operator; see src/cli. */
import { prepare } from './prepare.mjs'

try {
  await prepare()
  const { runCommand } = await import('../dist/cli/main.js')
  process.exitCode = await runCommand(process.argv.slice(2))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
