/** Waiting for something to become true, with an end. */
import { setTimeout as sleep } from "node:timers/promises";
import { EngineTrouble } from "./engine.ts";

export interface Patience {
  /** What is waited for, for the message. */
  readonly what: string;
  readonly waitMsMax: number;
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
}

/** Asks until the answer is true. An error counts as no, and the last one is the cause of the failure. */
export async function until(ask: () => Promise<boolean> | boolean, { what, waitMsMax, everyMs = 100, signal }: Patience): Promise<void> {
  const deadlineMs = performance.now() + waitMsMax;
  let cause: unknown;
  do {
    signal?.throwIfAborted();
    try {
      if (await ask()) return;
    } catch (error) {
      cause = error;
    }
    await sleep(everyMs, undefined, { signal });
  } while (performance.now() < deadlineMs);
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  throw new EngineTrouble(`${what}: not so after ${Math.round(waitMsMax / 1000)} s${reason}`, { cause });
}
