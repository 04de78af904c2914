/** What the tests of the cache share: an environment for tiers without workers, and tiers that misbehave. */
import { crc32c } from "../../bytes/digests/index.ts";
import { fault } from "../../core/errors.ts";
import { realWorld, type World } from "../../core/world/index.ts";
import { Arena } from "../../machine/arena.ts";
import { directDisk } from "../../machine/disk.ts";
import { bytesOf } from "../../machine/span.ts";
import type { Tier } from "./tier.ts";
import type { TierEnvironment } from "./tier-settings.ts";

/** Copies in the caller's thread; regions have memory of their own. */
export function testEnvironment(world: World = realWorld): TierEnvironment {
  return {
    world,
    disk: directDisk(),
    async copyOut(chunks) {
      await realWorld.sleep(1, new AbortController().signal);
      return chunks.map(({ from, to, sum }) => {
        bytesOf(to).set(bytesOf(from));
        return sum ? crc32c(bytesOf(to)) : undefined;
      });
    },
    region: (bytes) => new Arena(bytes, 0),
  };
}

/** A tier that does not answer while `down` says so; counts the calls that reached it. */
export function failingTier(tier: Tier, state: { down: boolean; calls: number }): Tier {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    state.calls++;
    if (state.down) throw fault("CACHE_UNREACHABLE", `${tier.name} is down`);
    return work();
  };
  return {
    ...{ name: tier.name, traits: tier.traits, pins: tier.pins },
    read: (wanted, signal) => guarded(() => tier.read(wanted, signal)),
    write: (values, signal) => guarded(() => tier.write(values, signal)),
    drop: (keys, signal) => guarded(() => tier.drop(keys, signal)),
    facts: (signal) => guarded(() => tier.facts(signal)),
    clear: (signal) => guarded(() => tier.clear(signal)),
    [Symbol.asyncDispose]: () => tier[Symbol.asyncDispose](),
  };
}
