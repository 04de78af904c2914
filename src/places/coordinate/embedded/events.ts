import { throwIfCancelled } from "../../../core/errors.ts";
import { requireShort } from "../event-size.ts";
import type { Events } from "../events.ts";

type Heard = (text: string | undefined) => void;

/** Everybody is told later than the call that tells, as they would be by a server. */
export class EmbeddedEvents implements Events {
  readonly #listeners = new Map<string, Set<Heard>>();

  async tell(topic: string, text: string, signal: AbortSignal): Promise<void> {
    throwIfCancelled(signal);
    requireShort(text);
    const listeners = this.#listeners.get(topic);
    if (listeners) for (const heard of [...listeners]) queueMicrotask(() => listeners.has(heard) && heard(text));
  }

  listen(topic: string, heard: Heard): Disposable {
    const listeners = this.#listeners.get(topic) ?? new Set<Heard>();
    this.#listeners.set(topic, listeners);
    const mine: Heard = (text) => heard(text);
    listeners.add(mine);
    queueMicrotask(() => listeners.has(mine) && mine(undefined));
    return {
      [Symbol.dispose]: () => {
        listeners.delete(mine);
        if (listeners.size === 0 && this.#listeners.get(topic) === listeners) this.#listeners.delete(topic);
      },
    };
  }
}
