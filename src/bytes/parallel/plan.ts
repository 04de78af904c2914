/**
 * A plan file: how to split tensors that no rule knows, or otherwise than the rules say. JSON or YAML, a list of entries:
 *
 *     - { match: "*.wqkv.weight", split: 0, sections: [4096, 1024, 1024] }
 *     - { match: "*.norm.*", split: replicate }
 */
import { parse } from "yaml";
import { z } from "zod";
import { fault, type HoldfastError } from "../../core/errors.ts";
import { matchesGlob } from "../../core/glob.ts";
import type { TensorEntry } from "../../core/manifest.ts";
import { MiB } from "../../core/units.ts";
import { plainSection, replicate, type Split } from "./split.ts";

const planBytesMax = 1 * MiB;

const entrySchema = z
  .strictObject({
    /** A pattern on the tensor's name (core/glob.ts). */
    match: z.string().min(1).max(4096),
    /** The dimension that is shared out, outermost 0, or `replicate`. */
    split: z.union([z.int().min(0).max(63), z.literal("replicate")]),
    /** Sizes of the parts of that dimension that are each shared out by themselves. */
    sections: z.array(z.int().positive()).min(1).max(64).optional(),
  })
  .refine((entry) => entry.split !== "replicate" || entry.sections === undefined, "a replicated tensor has no sections");
const planSchema = z.array(entrySchema).max(10_000);

/** In the order of the file: the first entry that matches decides. */
export interface ParallelPlan {
  /** The file's name, for messages. */
  readonly source: string;
  readonly entries: z.infer<typeof planSchema>;
}

/** Throws PLAN_INVALID, saying which entry is wrong and how. */
export function parsePlan(text: string, source: string): ParallelPlan {
  if (Buffer.byteLength(text) > planBytesMax) throw invalid(source, `has more than ${planBytesMax} bytes`);
  const result = planSchema.safeParse(parseYaml(text, source));
  if (result.success) return { source, entries: result.data };
  const [issue] = result.error.issues;
  const [entry, ...field] = issue?.path ?? [];
  const place = typeof entry === "number" ? `entry ${entry + 1}${field.length > 0 ? `, ${field.join(".")}` : ""}: ` : "";
  throw invalid(source, `${place}${issue?.message ?? "does not fit"}`);
}

/** The split that the plan gives a tensor, or undefined when no entry matches. Throws PLAN_INVALID when it does not fit the tensor. */
export function planned({ name, shape }: TensorEntry, plan: ParallelPlan | undefined): Split | undefined {
  const index = plan?.entries.findIndex((entry) => matchesGlob(name, entry.match)) ?? -1;
  const entry = plan?.entries[index];
  if (!plan || !entry) return undefined;
  if (entry.split === "replicate") return replicate;
  const refuse = (why: string) =>
    invalid(plan.source, `entry ${index + 1} (${entry.match}) does not fit tensor ${name} of shape [${shape.join(", ")}]: ${why}`);
  const size = shape[entry.split];
  if (size === undefined) throw refuse(`it has no dimension ${entry.split}`);
  const sections = entry.sections ?? [size];
  const sum = sections.reduce((total, section) => total + section, 0);
  if (sum !== size) throw refuse(`the sections sum up to ${sum}`);
  return { kind: "split", dim: entry.split, sections: sections.map(plainSection), uneven: "refuse" };
}

/** JSON is YAML. Aliases, which can make a small text into a huge value, are not allowed. */
function parseYaml(text: string, source: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0, logLevel: "error" });
  } catch (cause) {
    throw invalid(source, `is neither JSON nor YAML: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
}

function invalid(source: string, what: string, cause?: unknown): HoldfastError {
  const advice = "Write a list of { match: <pattern>, split: <dimension or replicate>, sections: <optional sizes> }.";
  return fault("PLAN_INVALID", `plan ${source}: ${what}`, { cause, advice });
}
