/** The strategies by name. Which volume a group lies on is decided elsewhere, by placement. */
import { fault } from "../../../core/errors.ts";
import { hashStrategy } from "./hash.ts";
import { randomStrategy } from "./random.ts";
import { rangeStrategy } from "./range.ts";
import type { ShardStrategy } from "./strategy.ts";
import { tensorStrategy } from "./tensor.ts";

export type { PieceFacts, ShardStrategy } from "./strategy.ts";

export interface StrategyOptions {
  /** What the groups of `random` are drawn from. */
  readonly seed: string;
}

export const strategyNames = ["hash", "range", "random", "tensor"] as const;
export type StrategyName = (typeof strategyNames)[number];

const makers: Readonly<Record<StrategyName, (options: StrategyOptions) => ShardStrategy>> = {
  hash: hashStrategy,
  range: rangeStrategy,
  random: ({ seed }) => randomStrategy(seed),
  tensor: tensorStrategy,
};

/** Throws ARGUMENT_INVALID for a name that is not one of `strategyNames`. */
export function strategyNamed(name: string, options: StrategyOptions): ShardStrategy {
  const known = strategyNames.find((candidate) => candidate === name);
  if (!known) throw fault("ARGUMENT_INVALID", `no shard strategy ${JSON.stringify(name)}`, { advice: `Use one of ${strategyNames.join(", ")}.` });
  return makers[known](options);
}
