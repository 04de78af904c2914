/** Each piece to a group that nothing about its content or name predicts, but that the same seed gives again. */
import { groupOfKey } from "./group.ts";
import type { ShardStrategy } from "./strategy.ts";

export function randomStrategy(seed: string): ShardStrategy {
  return { name: "random", sequential: false, groupOf: ({ path, start }, groups) => groupOfKey(["random", seed, path, start], groups) };
}
