/**
 * The command. It reads the line, the environment and the terminal, asks the library, and shows the result to people or as JSON.
 * What the operations do is the library's: nothing is decided about models here.
 */
export { commands } from "./commands/index.ts";
export { buildProgram, globalOptions } from "./program.ts";
export { runCommandLine } from "./run.ts";
