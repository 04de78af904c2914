/** A coordinator that is away is as if nobody else were there: locks are had, what is counted and told is lost. Nothing waits for it, and nothing fails. */
import { isFault } from "../../../core/errors.ts";
import type { Coordinator } from "../coordinator.ts";
import type { Held } from "../locks.ts";

export function forgiving(coordinator: Coordinator): Coordinator {
  const { shared, locks, counters, events } = coordinator;
  return {
    shared,
    locks: {
      take: (names, leaseMs, signal) => orElse(names.map(unasked), () => locks.take(names, leaseMs, signal)),
      renew: (held, leaseMs, signal) => orElse(true, () => locks.renew(held, leaseMs, signal)),
      release: (held) => orElse(undefined, () => locks.release(held.filter(({ token }) => token > 0))),
    },
    counters: {
      add: (group, counts, signal) => orElse(undefined, () => counters.add(group, counts, signal)),
      read: (group, names, signal) =>
        orElse(
          names.map(() => 0),
          () => counters.read(group, names, signal),
        ),
      top: (group, limit, signal) => orElse([], () => counters.top(group, limit, signal)),
    },
    events: {
      tell: (topic, text, signal) => orElse(undefined, () => events.tell(topic, text, signal)),
      listen: (topic, heard) => events.listen(topic, heard),
    },
    check: (signal) => coordinator.check(signal),
    [Symbol.asyncDispose]: () => coordinator[Symbol.asyncDispose](),
  };
}

function unasked(name: string): Held {
  return { name, token: 0, holder: "" };
}

async function orElse<T>(nothing: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isFault(error, "CACHE_UNREACHABLE", "ACCESS_DENIED")) return nothing;
    throw error;
  }
}
