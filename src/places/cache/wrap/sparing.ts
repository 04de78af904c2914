/** A tier that is down is left alone: its reads are misses and its writes are dropped, at once. What asks for it by name is still told why. */

import { Breaker } from "../../../core/breaker.ts";
import { isFault } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import type { CacheKey } from "../key.ts";
import type { Hit, Tier, Value, Wanted } from "../tier.ts";

export function sparing(tier: Tier, world: Pick<World, "ticks">): Tier {
  const breaker = new Breaker(world);
  const spared = async <T>(nothing: T, work: () => Promise<T>): Promise<T> => {
    if (!breaker.allows()) return nothing;
    try {
      const result = await work();
      breaker.succeeded();
      return result;
    } catch (error) {
      if (isFault(error, "CANCELLED")) breaker.undecided();
      else breaker.failed();
      if (isFault(error) && error.kind !== "cancelled") return nothing;
      throw error;
    }
  };
  return {
    name: tier.name,
    traits: tier.traits,
    pins: tier.pins,
    read: (wanted: readonly Wanted[], signal) => spared<readonly (Hit | undefined)[]>(wanted.map(nothingOf), () => tier.read(wanted, signal)),
    write: (values: readonly Value[], signal) => spared(undefined, () => tier.write(values, signal)),
    drop: (keys: readonly CacheKey[], signal) => spared(undefined, () => tier.drop(keys, signal)),
    facts: (signal) => tier.facts(signal),
    clear: (signal) => tier.clear(signal),
    [Symbol.asyncDispose]: () => tier[Symbol.asyncDispose](),
  };
}

function nothingOf(): undefined {
  return undefined;
}
