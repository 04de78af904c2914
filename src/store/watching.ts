/** The moves of refs of a store, as its user sees them come. */
import type { SeenMove } from "../flows/watch.ts";
import { parseModelAt, refOf } from "../moves/versions/index.ts";
import { lastChange } from "../places/catalog/index.ts";
import type { WatchOptions } from "./options.ts";
import type { Running } from "./running.ts";
import type { StoreEngine } from "./store-engine.ts";

/** What counts as to come is settled by the call, not when the first is asked for. */
export function watchMoves(engine: StoreEngine, running: Running, model: string | undefined, { after, signal }: WatchOptions): AsyncGenerator<SeenMove, void> {
  const at = model === undefined ? undefined : parseModelAt(model);
  const wish = { model: at?.model, ref: at?.revision === undefined ? undefined : refOf(at) };
  const from = after === undefined ? lastChange(engine.catalog) : Promise.resolve(after);
  from.catch(() => undefined);
  return running.stream(signal, async function* (joined) {
    const { watchRefs } = await import("../flows/watch.ts");
    yield* watchRefs(engine, { ...wish, after: await from }, joined);
  });
}
