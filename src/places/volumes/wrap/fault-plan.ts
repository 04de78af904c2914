/** Which faults a volume should show and when, as data: a plan can be written by hand, drawn from a seed, logged and run again. */
import { fault as failure } from "../../../core/errors.ts";
import type { Operation } from "./measure.ts";

export type FaultName =
  | "eio"
  | "enospc"
  | "erofs"
  | "emptyMount"
  | "slow"
  | "hang"
  | "short"
  | "flip"
  | "misdirect"
  | "dropWrite"
  | "torn"
  | "listOmit"
  | "unknown-applied"
  | "unknown-not";

/** What can happen to each operation. */
export const faultsOf: Readonly<Record<Operation, readonly FaultName[]>> = {
  put: ["eio", "enospc", "erofs", "emptyMount", "slow", "hang", "flip", "dropWrite", "torn", "unknown-applied", "unknown-not"],
  get: ["eio", "emptyMount", "slow", "hang", "short", "flip", "misdirect"],
  stat: ["eio", "emptyMount", "slow", "hang", "listOmit"],
  list: ["eio", "emptyMount", "slow", "hang", "listOmit"],
  remove: ["eio", "erofs", "emptyMount", "slow", "hang", "dropWrite", "unknown-applied", "unknown-not"],
};

export interface FaultRule {
  readonly op: Operation;
  readonly fault: FaultName;
  /** Counts from 1, over the operations of this kind (and key). */
  readonly nth: number;
  /** How many from there on; 1 without it. */
  readonly times?: number | "always";
  /** Only operations on this key. */
  readonly key?: string;
}

export interface FaultPlan {
  /** Decides which bit is flipped, which objects are left out, where a write is torn. */
  readonly seed: number;
  readonly rules: readonly FaultRule[];
}

/** Throws ARGUMENT_INVALID for a rule that could never fire. */
export function checkPlan(plan: FaultPlan): FaultPlan {
  for (const rule of plan.rules)
    if (!faultsOf[rule.op]?.includes(rule.fault) || !Number.isInteger(rule.nth) || rule.nth < 1)
      throw failure("ARGUMENT_INVALID", `not a fault rule: ${JSON.stringify(rule)}`);
  return plan;
}

/** `count` rules within the first `operationsMax` operations of each kind, out of the faults that are named. */
export function randomPlan(seed: number, count: number, operationsMax: number, faults?: readonly FaultName[]): FaultPlan {
  const random = seededRandom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const choices = Object.entries(faultsOf).flatMap(([op, names]) =>
    names.filter((name) => !faults || faults.includes(name)).map((fault) => ({ op: op as Operation, fault })),
  );
  const rules = Array.from({ length: choices.length === 0 ? 0 : count }, () => ({ ...pick(choices), nth: 1 + Math.floor(random() * operationsMax) }));
  return { seed, rules };
}

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Counts operations and says which fault is due; the first rule that fires wins. */
export function follow(plan: FaultPlan): (op: Operation, keys: readonly string[]) => FaultName | undefined {
  const counted = checkPlan(plan).rules.map((rule) => ({ rule, seen: 0 }));
  return (op, keys) => {
    const hits = counted.filter(({ rule }) => rule.op === op && (rule.key === undefined || keys.includes(rule.key)));
    for (const hit of hits) hit.seen++;
    return hits.find(({ rule, seen }) => seen >= rule.nth && (rule.times === "always" || seen < rule.nth + (rule.times ?? 1)))?.rule.fault;
  };
}
