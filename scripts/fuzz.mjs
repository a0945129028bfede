/** `npm run fuzz`: runs fuzz/main.ts. */
import { runProgram } from './run-program.mjs'

await runProgram('fuzz')
