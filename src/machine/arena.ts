/**
 * One block of shared memory that every chunk passes through. It is allocated and touched once and lent out in
 * page-aligned pieces; who asks for more than is free waits, first come first served. So memory is bounded by the
 * arena, whatever the size of the model. A unit of work leases all that it needs at once: holding one lease while
 * waiting for another could leave two workers waiting for each other.
 */
import { fault, throwIfCancelled } from "../core/errors.ts";

const pageBytes = 4096;

export interface Lease extends Disposable {
  readonly bytes: Uint8Array;
  /** Gives back all behind the first `bytes`, rounded up to a page. */
  shrink(bytes: number): void;
}

interface Hole {
  start: number;
  end: number;
}

interface Waiter {
  readonly bytes: number;
  readonly rounded: number;
  readonly grant: (lease: Lease) => void;
}

export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly capacityBytes: number;
  #holes: Hole[];
  #waiters: Waiter[] = [];

  /** `reservedBytes` at the start are never lent: the workers keep their scratch and tables there. */
  constructor(capacityBytes: number, reservedBytes: number) {
    const pages = Math.ceil((capacityBytes + reservedBytes) / 65536);
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.#holes = [{ start: reservedBytes, end: reservedBytes + capacityBytes }];
    this.capacityBytes = capacityBytes;
  }

  async lend(bytes: number, signal: AbortSignal): Promise<Lease> {
    throwIfCancelled(signal);
    const rounded = Math.max(pageBytes, Math.ceil(bytes / pageBytes) * pageBytes);
    if (rounded > this.capacityBytes)
      throw fault("LIMIT_EXCEEDED", `${bytes} bytes asked of an arena of ${this.capacityBytes}`, { advice: "Give more memory with --memory." });
    if (this.#waiters.length === 0) {
      const lease = this.#take(rounded, bytes);
      if (lease) return lease;
    }
    return this.#wait(rounded, bytes, signal);
  }

  #wait(rounded: number, bytes: number, signal: AbortSignal): Promise<Lease> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        bytes,
        rounded,
        grant: (lease) => {
          signal.removeEventListener("abort", abandon);
          resolve(lease);
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

  #take(rounded: number, bytes: number): Lease | undefined {
    const index = this.#holes.findIndex((hole) => hole.end - hole.start >= rounded);
    const hole = this.#holes[index];
    if (!hole) return undefined;
    const start = hole.start;
    hole.start += rounded;
    if (hole.start === hole.end) this.#holes.splice(index, 1);
    return new ArenaLease(new Uint8Array(this.memory.buffer, start, bytes), start + rounded, (from, to) => this.#give(from, to));
  }

  #give(start: number, end: number): void {
    const at = this.#holes.findIndex((hole) => hole.start >= end);
    const index = at === -1 ? this.#holes.length : at;
    this.#holes.splice(index, 0, { start, end });
    const next = this.#holes[index + 1];
    if (next && next.start === end) {
      next.start = start;
      this.#holes.splice(index, 1);
    }
    const merged = this.#holes[index] as Hole;
    const before = this.#holes[index - 1];
    if (before && before.end === merged.start) {
      before.end = merged.end;
      this.#holes.splice(index, 1);
    }
    this.#serveWaiters();
  }

  #serveWaiters(): void {
    for (let first = this.#waiters[0]; first; first = this.#waiters[0]) {
      const lease = this.#take(first.rounded, first.bytes);
      if (!lease) return;
      this.#waiters.shift();
      first.grant(lease);
    }
  }
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
    const end = start + Math.max(pageBytes, Math.ceil(bytes / pageBytes) * pageBytes);
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
