/** From the name and shape of a tensor to its split. */
import type { TensorEntry } from "../../core/manifest.ts";
import type { Arch } from "./arch.ts";
import { type ParallelPlan, planned } from "./plan.ts";
import { plainSection, replicate, type Section, type Split } from "./split.ts";
import { commonRules, familyRules, type Rule, type Rules } from "./tables.ts";

/**
 * The first entry of the plan that matches the tensor's name decides; then the rules of the architecture; then names that mean
 * the same in every architecture, which is all there is without a config. A tensor that nothing names is replicated.
 * Throws PLAN_INVALID when the plan does not fit the tensor.
 */
export function splitOf(tensor: TensorEntry, arch: Arch | undefined, plan: ParallelPlan | undefined): Split {
  return planned(tensor, plan) ?? ruled(tensor, arch);
}

/** Parameters that have the dimensions of their layer's weight: weights as they are, packed, and the scales of both. */
const weightLeaves = new Set(["weight", "weight_packed", "weight_scale", "weight_scale_inv", "weight_zero_point"]);

function ruled({ name, shape }: TensorEntry, arch: Arch | undefined): Split {
  const { module, leaf } = partsOf(name);
  const rule = ruleFor(module, arch);
  if (!rule) return replicate;
  const dim = leaf === "bias" ? biasDim(rule, shape) : weightDim(rule, shape);
  const size = dim === undefined ? 0 : (shape[dim] as number);
  const sections = sectionsOf(rule, size, arch);
  // One index is a scale for the whole dimension.
  if (dim === undefined || size <= 1 || !sections) return replicate;
  return { kind: "split", dim, sections, uneven: rule.way === "vocab" ? "replicate" : "refuse" };
}

function partsOf(name: string): { module: readonly string[]; leaf: "weight" | "bias" } {
  const parts = ["^", ...name.split(".")];
  const last = parts.at(-1) as string;
  if (last === "bias") return { module: parts.slice(0, -1), leaf: "bias" };
  // A stacked tensor of experts is a parameter with the name of a layer.
  return { module: weightLeaves.has(last) ? parts.slice(0, -1) : parts, leaf: "weight" };
}

function ruleFor(module: readonly string[], arch: Arch | undefined): Rule | undefined {
  const keys = [3, 2, 1].map((count) => module.slice(-count).map(numberless).join("."));
  const find = (rules: Rules | undefined) => keys.map((key) => (rules && Object.hasOwn(rules, key) ? rules[key] : undefined)).find((rule) => rule);
  const family = arch && Object.hasOwn(familyRules, arch.family) ? familyRules[arch.family] : undefined;
  return find(family) ?? find(commonRules);
}

function numberless(part: string): string {
  return /^\d+$/.test(part) ? "*" : part;
}

/** Counted from the inside, so that experts may lie outside. */
function weightDim(rule: Rule, shape: readonly number[]): number | undefined {
  if (shape.length !== (rule.stacked ? 3 : 2)) return undefined;
  const inner = (rule.way === "in") !== (rule.flip === true);
  return shape.length - (inner ? 1 : 2);
}

function biasDim(rule: Rule, shape: readonly number[]): number | undefined {
  return rule.way === "in" || shape.length !== 1 ? undefined : 0;
}

/** Undefined when the size does not fit what the rule says it consists of, or when that needs a config and there is none. */
function sectionsOf({ parts }: Rule, size: number, arch: Arch | undefined): Section[] | undefined {
  if (parts === "halves") return equalSections(size, 2);
  if (parts === "thirds") return equalSections(size, 3)?.map(({ size }) => unitsIn(size, arch?.heads, false));
  if (parts === "qkv") return attentionSections(size, arch);
  if (parts === "heads") return [unitsIn(size, arch?.heads, false)];
  if (parts === "kv") return [unitsIn(size, arch?.kvHeads, true)];
  return [plainSection(size)];
}

function equalSections(size: number, count: number): Section[] | undefined {
  return size % count === 0 ? Array.from({ length: count }, () => plainSection(size / count)) : undefined;
}

function attentionSections(size: number, arch: Arch | undefined): Section[] | undefined {
  if (arch?.heads === undefined || arch.kvHeads === undefined) return undefined;
  const headSize = size / (arch.heads + 2 * arch.kvHeads);
  if (!Number.isInteger(headSize)) return undefined;
  const keys = unitsIn(headSize * arch.kvHeads, arch.kvHeads, true);
  return [unitsIn(headSize * arch.heads, arch.heads, false), keys, keys];
}

/** Heads where they divide the size; other parts of a model (its vision tower) may have other heads than its config's text part. */
function unitsIn(size: number, heads: number | undefined, shared: boolean): Section {
  return heads !== undefined && size % heads === 0 ? { size, units: heads, shared } : plainSection(size);
}
