/** `npm run faults`: runs faults/main.ts. */
import { runProgram } from './run-program.mjs'

await runProgram('faults')
