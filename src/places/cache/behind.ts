/**
 * What is still to be written to slow tiers: a bounded room of copies, written in the background, one batch after the other for each
 * tier. While a value waits it can be read. When the room is full, values are dropped: no load ever waits for a cache.
 */

import { MiB } from "../../core/units.ts";
import type { World } from "../../core/world/index.ts";
import type { Arena, Lease } from "../../machine/arena.ts";
import type { CacheKey } from "./key.ts";
import type { Hit, Tier, Value, Wanted } from "./tier.ts";
import { sameForm } from "./value.ts";

const batchBytesMax = 8 * MiB;
/** How long the end of the process is held up by what is not yet written. */
const flushMsMax = 5000;

interface Waiting {
  readonly value: Value;
  readonly lease: Lease;
  /** Tiers that have yet to take it, and those who decode from it. */
  users: number;
}

interface Line {
  readonly waiting: Waiting[];
  running: Promise<void>;
  busy: boolean;
}

export class Behind implements AsyncDisposable {
  readonly #world: World;
  readonly #room: Arena;
  readonly #values = new Map<CacheKey, Waiting>();
  readonly #lines = new Map<Tier, Line>();
  readonly #closing = new AbortController();

  constructor(room: Arena, world: World) {
    this.#room = room;
    this.#world = world;
  }

  has(key: CacheKey): boolean {
    return this.#values.has(key);
  }

  /** Room for a value; undefined when it is full. */
  lend(bytes: number): Lease | undefined {
    return this.#closing.signal.aborted ? undefined : this.#room.lendNow(bytes);
  }

  find({ key, form }: Wanted): Hit | undefined {
    const found = this.#values.get(key);
    if (!found || !sameForm(found.value.form, form)) return undefined;
    found.users++;
    let held = true;
    const { body, crc32c } = found.value;
    const release = (): void => {
      if (held) this.#release(found);
      held = false;
    };
    return { body, crc32c, thin: false, [Symbol.dispose]: release };
  }

  /** Takes over the lease, in which the body lies. */
  add(value: Value, lease: Lease, tiers: readonly Tier[]): void {
    const waiting: Waiting = { value, lease, users: tiers.length };
    if (tiers.length === 0 || this.has(value.key)) return lease[Symbol.dispose]();
    this.#values.set(value.key, waiting);
    for (const tier of tiers) this.#queue(tier, waiting);
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while ([...this.#lines.values()].some(({ busy }) => busy)) await Promise.all([...this.#lines.values()].map(({ running }) => running));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const timer = new AbortController();
    await Promise.race([this.settled(), this.#world.sleep(flushMsMax, timer.signal).catch(() => undefined)]);
    timer.abort();
    this.#closing.abort();
    await this.settled();
  }

  #queue(tier: Tier, waiting: Waiting): void {
    const line = this.#lines.get(tier) ?? { waiting: [], running: Promise.resolve(), busy: false };
    this.#lines.set(tier, line);
    line.waiting.push(waiting);
    if (line.busy) return;
    line.busy = true;
    line.running = this.#run(tier, line);
  }

  async #run(tier: Tier, line: Line): Promise<void> {
    for (let batch = nextBatch(line); batch.length > 0; batch = nextBatch(line)) {
      const { signal } = this.#closing;
      // What a tier does not take it does not have: that is no news for anybody here.
      if (!signal.aborted)
        await tier
          .write(
            batch.map(({ value }) => value),
            signal,
          )
          .catch(() => undefined);
      for (const waiting of batch) this.#release(waiting);
    }
    line.busy = false;
  }

  #release(waiting: Waiting): void {
    if (--waiting.users > 0) return;
    this.#values.delete(waiting.value.key);
    waiting.lease[Symbol.dispose]();
  }
}

function nextBatch({ waiting }: Line): Waiting[] {
  let bytes = 0;
  const count = waiting.findIndex(({ value }) => (bytes += value.form.storedBytes) > batchBytesMax);
  return waiting.splice(0, count === -1 ? waiting.length : Math.max(1, count));
}
