/** Locks that lie. Everything must stay right with them: they cost time, and reads. */
import { realWorld } from "../../core/world/index.ts";
import type { Coordinator } from "./coordinator.ts";
import { EmbeddedCoordinator } from "./embedded/driver.ts";
import type { Locks } from "./locks.ts";

/** Always yes, to everybody, with the same token. */
export const liarLocks: Locks = {
  take: async (names) => names.map((name) => ({ name, token: 1, holder: "liar" })),
  renew: async () => true,
  release: async () => undefined,
};

/** Always no. */
export const stubbornLocks: Locks = {
  take: async (names) => names.map(() => undefined),
  renew: async () => false,
  release: async () => undefined,
};

/** As if other processes took part. */
export function coordinatorWith(locks?: Locks): Coordinator {
  const own = new EmbeddedCoordinator(realWorld);
  const { counters, events } = own;
  return { shared: true, locks: locks ?? own.locks, counters, events, check: () => own.check(), [Symbol.asyncDispose]: () => own[Symbol.asyncDispose]() };
}

/** HOLDFAST_TEST_LOCKS=yes or no runs the suites that have a store of their own with locks that always say so. */
export function locksOfTests(environment: NodeJS.ProcessEnv = process.env): Locks | undefined {
  const word = environment.HOLDFAST_TEST_LOCKS;
  if (word === undefined || word === "") return undefined;
  const lying = { yes: liarLocks, no: stubbornLocks }[word];
  if (!lying) throw new RangeError(`HOLDFAST_TEST_LOCKS is ${word}: write yes or no`);
  return lying;
}
