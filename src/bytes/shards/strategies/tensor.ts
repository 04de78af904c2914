/**
 * One group for each tensor, so that a tensor comes from one place; a file without tensors counts as one. As a model has
 * more tensors than a store has volumes, the groups of tensors are folded onto `groups` by their names: two tensors may share one, a tensor never has two.
 */
import { groupOfKey } from "./group.ts";
import type { ShardStrategy } from "./strategy.ts";

export function tensorStrategy(): ShardStrategy {
  return {
    name: "tensor",
    sequential: false,
    groupOf: ({ tensor, path }, groups) => groupOfKey(tensor === undefined ? ["path", path] : ["tensor", tensor], groups),
  };
}
