/** From the tensors of a file to its runs: each large tensor by itself, small neighbours together, everything else by content. */
import type { Element } from "../../core/element.ts";
import { fault } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { EvenRun, TensorEntry } from "../../core/manifest.ts";
import { lengthOf } from "../../core/range.ts";
import type { PlannedRun } from "./content.ts";
import { runOf, type Tile } from "./tile.ts";

export interface PlanInput {
  /** Size of the file. */
  readonly bytes: number;
  /** In the order of their bytes, not overlapping, as formats give them. */
  readonly tensors: readonly TensorEntry[];
  /** How readers may split a tensor. */
  readonly tile: (tensor: TensorEntry) => Tile;
}

/** Alignment and the headers of archive members: what lies between two tensors and is not worth a chunk. */
const joinedGapBytesMax = 4096;

/**
 * Runs that tile the file from 0 to its end; no chunk exceeds `limits.chunkBytes`. The bytes before the first tensor and
 * behind the last stand apart, because they change when the tensors do not. Throws FORMAT_INVALID when tensors overlap
 * or leave the file.
 */
export function planRuns(input: PlanInput): PlannedRun[] {
  const runs: PlannedRun[] = [];
  let group: EvenRun | undefined;
  for (const part of partsOf(input)) {
    const joined = isSmall(part) ? join(group, part) : undefined;
    if (group && !joined) runs.push(group);
    group = joined ?? (isSmall(part) ? startGroup(part) : undefined);
    if (!group) runs.push(part.tensor ? runOf(part.tensor, input.tile(part.tensor)) : plainRun(part));
  }
  if (group) runs.push(group);
  return runs;
}

/** A tensor, or bytes of none. */
interface Part {
  readonly start: number;
  readonly bytes: number;
  readonly tensor: TensorEntry | undefined;
  /** Whether it is a gap with tensors on both sides. */
  readonly between: boolean;
}

function* partsOf({ bytes, tensors }: PlanInput): Generator<Part> {
  let end = 0;
  for (const tensor of tensors) {
    const { start } = tensor.range;
    if (lengthOf(tensor.range) === 0) continue;
    if (start < end || tensor.range.end > bytes) throw fault("FORMAT_INVALID", `tensor ${tensor.name} overlaps another or reaches beyond its file`);
    if (start > end) yield { start: end, bytes: start - end, tensor: undefined, between: end > 0 };
    yield { start, bytes: lengthOf(tensor.range), tensor, between: false };
    end = tensor.range.end;
  }
  if (bytes > end) yield { start: end, bytes: bytes - end, tensor: undefined, between: false };
}

function isSmall(part: Part): boolean {
  return part.tensor ? part.bytes < limits.smallTensorBytes : part.between && part.bytes < joinedGapBytesMax;
}

function startGroup({ start, bytes, tensor }: Part): EvenRun {
  return { kind: "even", start, bytes, step: limits.chunkBytes, element: tensor?.element ?? "unknown" };
}

/** The group with one more part, or undefined when there is none or it is full. */
function join(group: EvenRun | undefined, part: Part): EvenRun | undefined {
  if (!group || group.bytes + part.bytes > limits.chunkBytes) return undefined;
  return { ...group, bytes: group.bytes + part.bytes, element: commonElement(group.element, part.tensor?.element) };
}

/** Gaps do not count; tensors of different elements leave it to the encoder to find out. */
function commonElement(group: Element, next: Element | undefined): Element {
  return next === undefined || next === group ? group : "unknown";
}

function plainRun({ start, bytes }: Part): PlannedRun {
  if (bytes > limits.contentChunkBytesMin) return { kind: "content-to-cut", start, bytes };
  return { kind: "even", start, bytes, step: limits.chunkBytes, element: "unknown" };
}
