/** Each piece to the group that the hash of its name gives: even load, and no order to keep. */
import { groupOfKey } from "./group.ts";
import type { PieceFacts, ShardStrategy } from "./strategy.ts";

/**
 * The key is the tensor's name, or the path outside of tensors, and the place in the file: a large tensor is spread over
 * all groups, so that reading it uses all their volumes.
 */
export function hashStrategy(): ShardStrategy {
  return { name: "hash", sequential: false, groupOf: (piece, groups) => groupOfKey(["hash", ...keyOf(piece)], groups) };
}

function keyOf({ tensor, path, start }: PieceFacts): readonly (string | number)[] {
  return tensor === undefined ? ["path", path, start] : ["tensor", tensor, start];
}
