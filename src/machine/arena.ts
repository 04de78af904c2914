/**
 * One block of shared memory that every chunk passes through. It is allocated and touched once and lent out in
 * page-aligned pieces; who asks for more than is free waits, first come first served. So memory is bounded by the
 * arena, whatever the size of the model. A unit of work leases all that it needs at once: holding one lease while
 * waiting for another could leave two workers waiting for each other.
 */
import { fault, throwIfCancelled } from "../core/errors.ts";
import { adviseHugePages } from "./huge-pages.ts";

const pageBytes = 4096;

export interface Lease extends Disposable {
  readonly bytes: Uint8Array;
  /** Gives back all behind the first `bytes`, rounded up to a page. */
  shrink(bytes: number): void;
}

/** `low` for what is given back soon, `high` for what stays: so the long-lived do not cut up the room of the others. */
export type End = "low" | "high";

export interface Wanted {
  readonly bytes: number;
  readonly end: End;
}

interface Hole {
  start: number;
  end: number;
}

interface Waiter {
  readonly wanted: readonly Wanted[];
  readonly grant: (leases: Lease[]) => void;
}

export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly capacityBytes: number;
  #holes: Hole[];
  #waiters: Waiter[] = [];

  /**
   * `reservedBytes` at the start are never lent: the workers keep their desks there, and caches their values. With `memory` it lends
   * from a part of a memory that another arena made, and reserved.
   */
  constructor(capacityBytes: number, reservedBytes: number, memory: WebAssembly.Memory = sharedMemory(capacityBytes + reservedBytes)) {
    this.memory = memory;
    adviseHugePages(new Uint8Array(memory.buffer, reservedBytes, capacityBytes));
    this.#holes = [{ start: reservedBytes, end: reservedBytes + capacityBytes }];
    this.capacityBytes = capacityBytes;
  }

  /** What is free now, without waiting; undefined where nothing is, or others wait already. */
  lendNow(bytes: number): Lease | undefined {
    return this.#waiters.length === 0 ? this.#take(bytes, "low") : undefined;
  }

  async lend(bytes: number, signal: AbortSignal): Promise<Lease> {
    const [lease] = await this.lendAll([{ bytes, end: "low" }], signal);
    return lease as Lease;
  }

  /** All of them or, until there is room, none. Throws LIMIT_EXCEEDED for more than the arena has, CANCELLED. */
  async lendAll(wanted: readonly Wanted[], signal: AbortSignal): Promise<Lease[]> {
    throwIfCancelled(signal);
    const total = wanted.reduce((sum, { bytes }) => sum + toPages(bytes), 0);
    if (total > this.capacityBytes)
      throw fault("LIMIT_EXCEEDED", `${total} bytes asked of an arena of ${this.capacityBytes}`, { advice: "Give more memory with --memory." });
    const leases = this.#waiters.length === 0 ? this.#takeAll(wanted) : undefined;
    return leases ?? this.#wait(wanted, signal);
  }

  #wait(wanted: readonly Wanted[], signal: AbortSignal): Promise<Lease[]> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        wanted,
        grant: (leases) => {
          signal.removeEventListener("abort", abandon);
          resolve(leases);
        },
      };
      const abandon = (): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        this.#serveWaiters();
        reject(fault("CANCELLED", "cancelled while waiting for memory", { cause: signal.reason }));
      };
      signal.addEventListener("abort", abandon, { once: true });
      this.#waiters.push(waiter);
    });
  }

  #takeAll(wanted: readonly Wanted[]): Lease[] | undefined {
    const leases: Lease[] = [];
    for (const { bytes, end } of wanted) {
      const lease = this.#take(bytes, end);
      if (lease) leases.push(lease);
      else {
        for (const taken of leases) this.#put(taken.bytes.byteOffset, taken.bytes.byteOffset + toPages(taken.bytes.length));
        return undefined;
      }
    }
    return leases;
  }

  #take(bytes: number, end: End): ArenaLease | undefined {
    const rounded = toPages(bytes);
    const fits = (hole: Hole): boolean => hole.end - hole.start >= rounded;
    const index = end === "low" ? this.#holes.findIndex(fits) : this.#holes.findLastIndex(fits);
    const hole = this.#holes[index];
    if (!hole) return undefined;
    const start = end === "low" ? hole.start : hole.end - rounded;
    if (end === "low") hole.start += rounded;
    else hole.end -= rounded;
    if (hole.start === hole.end) this.#holes.splice(index, 1);
    return new ArenaLease(new Uint8Array(this.memory.buffer, start, bytes), start + rounded, (from, to) => this.#give(from, to));
  }

  #give(start: number, end: number): void {
    this.#put(start, end);
    this.#serveWaiters();
  }

  /** Makes a hole, joined with those beside it. */
  #put(start: number, end: number): void {
    const at = this.#holes.findIndex((hole) => hole.start >= end);
    const index = at === -1 ? this.#holes.length : at;
    this.#holes.splice(index, 0, { start, end });
    this.#join(index);
    if (index > 0) this.#join(index - 1);
  }

  #join(index: number): void {
    const [hole, next] = [this.#holes[index], this.#holes[index + 1]];
    if (!hole || !next || hole.end !== next.start) return;
    hole.end = next.end;
    this.#holes.splice(index + 1, 1);
  }

  #serveWaiters(): void {
    for (let first = this.#waiters[0]; first; first = this.#waiters[0]) {
      const leases = this.#takeAll(first.wanted);
      if (!leases) return;
      this.#waiters.shift();
      first.grant(leases);
    }
  }
}

function sharedMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / 65536);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

function toPages(bytes: number): number {
  return Math.max(pageBytes, Math.ceil(bytes / pageBytes) * pageBytes);
}

class ArenaLease implements Lease {
  bytes: Uint8Array;
  #end: number;
  #held = true;
  readonly #give: (start: number, end: number) => void;

  constructor(bytes: Uint8Array, end: number, give: (start: number, end: number) => void) {
    this.bytes = bytes;
    this.#end = end;
    this.#give = give;
  }

  shrink(bytes: number): void {
    const start = this.bytes.byteOffset;
    const end = start + toPages(bytes);
    this.bytes = this.bytes.subarray(0, bytes);
    if (!this.#held || end >= this.#end) return;
    this.#give(end, this.#end);
    this.#end = end;
  }

  [Symbol.dispose](): void {
    if (!this.#held) return;
    this.#held = false;
    this.#give(this.bytes.byteOffset, this.#end);
  }
}
