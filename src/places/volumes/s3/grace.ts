/** A signal that fires a while after another: for a short request whose answer is needed to clean up behind a cancelled one. */
import type { World } from "../../../core/world/index.ts";

export interface Grace extends Disposable {
  readonly signal: AbortSignal;
}

export function afterGrace(world: World, signal: AbortSignal, ms: number): Grace {
  const [late, ended] = [new AbortController(), new AbortController()];
  const wait = (): void =>
    void world.sleep(ms, ended.signal).then(
      () => late.abort(signal.reason),
      () => undefined, // it was not needed any more
    );
  if (signal.aborted) wait();
  else signal.addEventListener("abort", wait, { once: true });
  return {
    signal: late.signal,
    [Symbol.dispose]() {
      signal.removeEventListener("abort", wait);
      ended.abort();
    },
  };
}
