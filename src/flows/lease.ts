/** An intent that is renewed for as long as work goes on, and given up when it ends; what stops the renewing stops the work. */
import { isFault } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import type { Engine } from "../moves/engine.ts";
import type { IntentId } from "../places/catalog/index.ts";

const renewEveryMs = 60_000;

/** `work` gets the intent and a signal that also fires when the lease is lost. On failure the intent stays until its lease ends, so that a retry finds what was stored. */
export async function underLease<T>(
  engine: Engine,
  opId: string,
  signal: AbortSignal,
  work: (intent: IntentId, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const intent = await engine.catalog.openIntent(opId, limits.leaseMs);
  const over = new AbortController();
  const lost = new AbortController();
  const renewing = renew(engine, intent, over.signal).catch((error: unknown) => lost.abort(error));
  try {
    return await work(intent, AbortSignal.any([signal, lost.signal]));
  } catch (error) {
    throw isFault(error, "CANCELLED") && lost.signal.aborted ? lost.signal.reason : error;
  } finally {
    over.abort();
    await renewing;
  }
}

async function renew(engine: Engine, intent: IntentId, over: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await engine.world.sleep(renewEveryMs, over);
    } catch {
      return;
    }
    await engine.catalog.renewIntent(intent, limits.leaseMs);
  }
}
