/** The process of the command: its streams, signals and exit code. */

import { runCommandLine } from "./index.ts";
import { interruptions } from "./interrupt.ts";

// Whoever reads the output may stop reading (`holdfast ls | head -1`): that ends the command, and is no failure of it.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});
process.stderr.on("error", () => {});

const { env, stdin, stdout, stderr, argv } = process;
const exitCode = await runCommandLine(argv.slice(2), { env, stdin, stdout, stderr, signal: interruptions() });

// All is closed and told. Taking the environment apart as well could only change that: native modules have crashed Node there.
await Promise.all([stdout, stderr].map((stream) => new Promise((written) => stream.write("", written))));
process.exit(exitCode);
