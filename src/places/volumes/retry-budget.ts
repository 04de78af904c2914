/**
 * How often, and after which pauses, something that got no answer is tried again: exponential backoff with full jitter, and a budget that keeps the
 * extra load of all operations together at a tenth (Google SRE book, "Handling Overload").
 */
import type { World } from "../../core/world/index.ts";

export interface RetryOptions {
  readonly world: World;
  readonly attemptsMax?: number;
  readonly baseMs?: number;
  readonly capMs?: number;
  /** Retries saved up at most; each success earns a tenth of one. */
  readonly budgetMax?: number;
}

/** A place that wants to be left alone for longer is as good as absent: the other replicas are asked. */
const retryAfterMsMax = 10_000;

/** Credits: a success earns one, a retry costs ten. */
const retryCost = 10;

export class RetryBudget {
  readonly #options: Required<RetryOptions>;
  #credit: number;

  constructor(options: RetryOptions) {
    this.#options = { attemptsMax: 4, baseMs: 50, capMs: 2000, budgetMax: 20, ...options };
    this.#credit = this.#options.budgetMax * retryCost;
  }

  earn(): void {
    this.#credit = Math.min(this.#options.budgetMax * retryCost, this.#credit + 1);
  }

  /**
   * Waits before the attempt behind `attempt`, which counts from 0, for `atLeastMs` where the other side asked for that. Returns false, at once, where there is none:
   * the attempts or the budget are used up. Throws CANCELLED.
   */
  async pause(attempt: number, atLeastMs: number, signal: AbortSignal): Promise<boolean> {
    const { attemptsMax, world } = this.#options;
    if (attempt + 1 >= attemptsMax || this.#credit < retryCost) return false;
    this.#credit -= retryCost;
    await world.sleep(Math.max(this.#pauseMs(attempt), Math.min(atLeastMs, retryAfterMsMax)), signal);
    return true;
  }

  #pauseMs(attempt: number): number {
    const { baseMs, capMs, world } = this.#options;
    return world.random() * Math.min(capMs, baseMs * 2 ** attempt);
  }
}
