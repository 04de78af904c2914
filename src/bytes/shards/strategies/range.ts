/** Contiguous shares of the version's bytes: a reader of one file meets few groups, and a push reads every file once, in order. */
import type { ShardStrategy } from "./strategy.ts";

export function rangeStrategy(): ShardStrategy {
  return {
    name: "range",
    sequential: true,
    groupOf: ({ position, total }, groups) => Math.min(groups - 1, Math.floor((position * groups) / Math.max(1, total))),
  };
}
