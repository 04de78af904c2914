/**
 * A world whose time passes only when everybody waits for it: hours of sleeping and racing in a moment, and the same again from the same
 * chance. For code that waits for nothing but this world and promises.
 */
import { fault } from "../errors.ts";
import type { World } from "./world.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export class SimulatedWorld implements World {
  readonly random: () => number;
  #nowMs = 0;
  #sleepers: Sleeper[] = [];

  constructor(random: () => number) {
    this.random = random;
  }

  readonly now = (): number => this.#nowMs;
  readonly ticks = (): number => this.#nowMs;

  id(): string {
    return Array.from({ length: 4 }, () =>
      Math.floor(this.random() * 2 ** 32)
        .toString(16)
        .padStart(8, "0"),
    ).join("");
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancelled = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(fault("CANCELLED", "cancelled while waiting", { cause: signal.reason }));
      };
      const sleeper: Sleeper = {
        at: this.#nowMs + ms,
        wake: () => {
          signal.removeEventListener("abort", cancelled);
          resolve();
        },
      };
      if (signal.aborted) return cancelled();
      signal.addEventListener("abort", cancelled, { once: true });
      this.#add(sleeper);
    });
  }

  /** Behind those that wake at the same time. */
  #add(sleeper: Sleeper): void {
    const at = this.#sleepers.findLastIndex((other) => other.at <= sleeper.at);
    this.#sleepers.splice(at + 1, 0, sleeper);
  }

  /** Lets time pass until the work is done. Throws what the work throws, and where it waits for something that never comes. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    work.then(over, over);
    for (;;) {
      await new Promise(setImmediate);
      if (isOver) return work;
      const first = this.#sleepers.shift();
      if (!first) throw new TypeError("everybody waits, and nobody for time to pass");
      this.#nowMs = first.at;
      first.wake();
    }
  }
}
