/** Work that nobody waits for longer than a moment, and whose failure changes nothing: cleaning up. */
import { isFault } from "../../core/errors.ts";
import type { World } from "../../core/world/index.ts";

/** As long as somebody who cancelled waits without wondering. */
export const ownMs = 3000;

/** Has a time of its own, since the signal of the work behind which it cleans up may have fired. A fault ends it silently. */
export async function inOwnTime(world: World, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const [stop, done] = [new AbortController(), new AbortController()];
  world.sleep(ownMs, done.signal).then(
    () => stop.abort(),
    () => undefined,
  );
  try {
    await work(stop.signal);
  } catch (error) {
    if (!isFault(error)) throw error;
  } finally {
    done.abort();
  }
}
