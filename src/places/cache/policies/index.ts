/** The eviction policies by name. */
import type { World } from "../../../core/world/index.ts";
import type { EvictionPolicy, PolicyName } from "../policy.ts";
import { Lfu } from "./lfu.ts";
import { Lru } from "./lru.ts";
import { RandomChoice } from "./random.ts";
import { Sieve } from "./sieve.ts";

export function openPolicy(name: PolicyName, world: Pick<World, "random">): EvictionPolicy {
  switch (name) {
    case "lru":
      return new Lru();
    case "lfu":
      return new Lfu();
    case "random":
      return new RandomChoice(world.random);
    case "sieve":
      return new Sieve();
  }
}
