/** What every layout promises (format.ts): names are unique, ranges lie inside the file, do not overlap, and come in file order. */
import type { TensorEntry } from "../../core/manifest.ts";
import { invalid } from "./refuse.ts";

export function byPosition(a: TensorEntry, b: TensorEntry): number {
  return a.range.start - b.range.start || a.range.end - b.range.end;
}

/** Sorts in place. `fileBytes` is undefined where the ranges lie in a file that cannot be seen from here. */
export function inFileOrder(tensors: TensorEntry[], fileBytes: number | undefined): readonly TensorEntry[] {
  refuseSameNames(tensors);
  tensors.sort(byPosition);
  let end = 0;
  for (const tensor of tensors) {
    if (tensor.range.start < end) throw invalid(`the bytes of tensor ${quote(tensor.name)} overlap those of another`);
    end = tensor.range.end;
  }
  if (fileBytes !== undefined && end > fileBytes) throw invalid(`a tensor ends at byte ${end} of a file of ${fileBytes}`);
  return tensors;
}

export function refuseSameNames(tensors: readonly TensorEntry[]): void {
  const seen = new Set<string>();
  for (const { name } of tensors) {
    if (seen.has(name)) throw invalid(`two tensors are named ${quote(name)}`);
    seen.add(name);
  }
}

/** A foreign name for a message: quoted, escaped, and not longer than a line. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
