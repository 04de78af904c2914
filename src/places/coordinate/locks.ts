/**
 * Locks between processes, with tokens. A lock is a hint: it may be lost with its server, run out under a holder that was paused, or be
 * given to two. Whatever must not be done by two is decided by the catalog's compare-and-set, or refuses a token that is older than one it
 * has seen.
 */
import { isFault } from "../../core/errors.ts";
import type { World } from "../../core/world/index.ts";

/** A name that was taken. */
export interface Held {
  readonly name: string;
  /** Higher than that of every holder before; 0 where nobody could be asked. */
  readonly token: number;
  /** Tells this taking from any other of the name. */
  readonly holder: string;
}

export interface Locks {
  /** Takes those of the names that nobody holds, one answer for each. Held until let go, or until so long after the last renewal. */
  take(names: readonly string[], leaseMs: number, signal: AbortSignal): Promise<readonly (Held | undefined)[]>;
  /** Whether it is still held, and now for so long from here on. */
  renew(held: Held, leaseMs: number, signal: AbortSignal): Promise<boolean>;
  /** What somebody else has taken meanwhile stays theirs. */
  release(held: readonly Held[]): Promise<void>;
}

export interface LockWish {
  readonly name: string;
  readonly leaseMs: number;
  /** How long to wait for another holder before going on without the lock. */
  readonly waitMs: number;
}

const askEveryMsMin = 5;
const askEveryMsMax = 100;

/**
 * Does the work under a lock that is renewed as long as it goes on; when it is not to be had in time, without it. `work` must be right
 * either way. Throws CANCELLED, and what `work` throws.
 */
export async function underLock<T>(locks: Locks, world: World, wish: LockWish, signal: AbortSignal, work: (held: Held | undefined) => Promise<T>): Promise<T> {
  const held = await takeWithin(locks, world, wish, signal);
  if (!held) return work(undefined);
  const over = new AbortController();
  const renewing = keepRenewed(locks, world, held, wish.leaseMs, over.signal);
  try {
    return await work(held);
  } finally {
    over.abort();
    await renewing;
    await locks.release([held]);
  }
}

async function takeWithin(locks: Locks, world: World, { name, leaseMs, waitMs }: LockWish, signal: AbortSignal): Promise<Held | undefined> {
  const startedMs = world.ticks();
  for (let pauseMs = askEveryMsMin; ; pauseMs = Math.min(askEveryMsMax, pauseMs * 2)) {
    const [held] = await locks.take([name], leaseMs, signal);
    if (held) return held;
    const leftMs = startedMs + waitMs - world.ticks();
    if (leftMs <= 0) return undefined;
    // Not all at the same moment.
    await world.sleep(Math.min(leftMs, pauseMs * (0.5 + world.random())), signal);
  }
}

/** Ends when it is over, or somebody else has the lock: there is nothing to keep then, and the work is right without. */
async function keepRenewed(locks: Locks, world: World, held: Held, leaseMs: number, over: AbortSignal): Promise<void> {
  try {
    do await world.sleep(leaseMs / 3, over);
    while (await locks.renew(held, leaseMs, over));
  } catch (error) {
    if (!isFault(error)) throw error;
  }
}
