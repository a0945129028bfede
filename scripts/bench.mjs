/** `npm run bench`: runs bench/main.ts. */
import { runProgram } from './run-program.mjs'

await runProgram('bench')
