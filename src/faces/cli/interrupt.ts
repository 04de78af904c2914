/** Ctrl-C and kill: the first asks the work to end and keep what it has, the second ends the process. */
import { exitCodes } from "./exit-code.ts";

export function interruptions(): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.cancelled);
    controller.abort(new Error("interrupted"));
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return controller.signal;
}
