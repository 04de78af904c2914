/**
 * What is still to be written to slow tiers: a bounded room of copies, written in the background, one batch after the other for each
 * tier. While a value waits it can be read. When the room is full, values are dropped: no load ever waits for a cache.
 */

import { isFault, throwIfCancelled } from "../../core/errors.ts";
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
  readonly over: PromiseWithResolvers<void>;
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

  /** Room for all of some values, waited for; when that takes too long, for as many as there is room now. Throws CANCELLED. */
  async lendWithin(sizes: readonly number[], waitMs: number, signal: AbortSignal): Promise<(Lease | undefined)[]> {
    if (this.#closing.signal.aborted) return sizes.map(() => undefined);
    const [late, done] = [new AbortController(), new AbortController()];
    const waiting = this.#world.sleep(waitMs, done.signal).then(
      () => late.abort(),
      () => undefined,
    );
    try {
      const wanted = sizes.map((bytes) => ({ bytes, end: "low" }) as const);
      return await this.#room.lendAll(wanted, AbortSignal.any([signal, late.signal]));
    } catch (error) {
      throwIfCancelled(signal);
      if (!isFault(error, "CANCELLED", "LIMIT_EXCEEDED")) throw error;
      return sizes.map((bytes) => this.lend(bytes));
    } finally {
      done.abort();
      await waiting;
    }
  }

  /** Resolves when none of the values waits any more: each was taken by its tiers, or dropped. */
  async written(keys: readonly CacheKey[]): Promise<void> {
    await Promise.all(keys.map((key) => this.#values.get(key)?.over.promise));
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
    const waiting: Waiting = { value, lease, users: tiers.length, over: Promise.withResolvers() };
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
    waiting.over.resolve();
  }
}

function nextBatch({ waiting }: Line): Waiting[] {
  let bytes = 0;
  const count = waiting.findIndex(({ value }) => (bytes += value.form.storedBytes) > batchBytesMax);
  return waiting.splice(0, count === -1 ? waiting.length : Math.max(1, count));
}
