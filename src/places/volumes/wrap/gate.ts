/** Lets a bounded number of operations and bytes in, first come first served. */
import { fault } from "../../../core/errors.ts";

interface Waiter {
  readonly bytes: number;
  readonly admit: () => void;
  readonly refuse: (error: Error) => void;
}

export class Gate {
  readonly #name: string;
  readonly #operationsMax: number;
  readonly #bytesMax: number;
  #operations = 0;
  #bytes = 0;
  /** Slots held by work that goes on behind a failed call. */
  #stuck = 0;
  #waiters: Waiter[] = [];

  constructor(name: string, operationsMax: number, bytesMax: number) {
    this.#name = name;
    this.#operationsMax = operationsMax;
    this.#bytesMax = bytesMax;
  }

  /** Resolves when there is room. More bytes than all are let in alone. Throws CANCELLED, and VOLUME_UNREACHABLE when nothing comes back out. */
  enter(bytes: number, signal: AbortSignal): Promise<void> {
    const claimed = Math.min(bytes, this.#bytesMax);
    if (signal.aborted) return Promise.reject(cancelled(signal));
    if (this.#isStuck()) return Promise.reject(this.#stuckFault());
    if (this.#waiters.length === 0 && this.#fits(claimed)) {
      this.#take(claimed);
      return Promise.resolve();
    }
    return this.#wait(claimed, signal);
  }

  leave(bytes: number): void {
    this.#operations--;
    this.#bytes -= Math.min(bytes, this.#bytesMax);
    this.#admitWaiters();
  }

  /** The operation failed but goes on: its room comes back when it ends. Where it was the last room, those who wait are refused. */
  leaveLate(bytes: number, ended: Promise<void>): void {
    this.#stuck++;
    void ended.then(() => {
      this.#stuck--;
      this.leave(bytes);
    });
    if (this.#isStuck()) for (const waiter of this.#waiters.splice(0)) waiter.refuse(this.#stuckFault());
  }

  #wait(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settled = (): void => signal.removeEventListener("abort", abandon);
      const waiter: Waiter = {
        bytes,
        admit: () => {
          settled();
          resolve();
        },
        refuse: (error) => {
          settled();
          reject(error);
        },
      };
      const abandon = (): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(cancelled(signal));
        this.#admitWaiters();
      };
      signal.addEventListener("abort", abandon, { once: true });
      this.#waiters.push(waiter);
    });
  }

  #admitWaiters(): void {
    for (let first = this.#waiters[0]; first && this.#fits(first.bytes); first = this.#waiters[0]) {
      this.#waiters.shift();
      this.#take(first.bytes);
      first.admit();
    }
  }

  #fits(bytes: number): boolean {
    return this.#operations < this.#operationsMax && this.#bytes + bytes <= this.#bytesMax;
  }

  #take(bytes: number): void {
    this.#operations++;
    this.#bytes += bytes;
  }

  #isStuck(): boolean {
    return this.#stuck >= this.#operationsMax;
  }

  #stuckFault(): Error {
    return fault("VOLUME_UNREACHABLE", `volume ${this.#name} hangs: ${this.#stuck} operations do not come back`, {
      advice: "Check the disk or the network behind the volume; it is used again once they come back.",
    });
  }
}

function cancelled(signal: AbortSignal): Error {
  return fault("CANCELLED", "cancelled while waiting for a volume", { cause: signal.reason });
}
