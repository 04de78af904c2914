/** Tensors of a file that other files tell of (ONNX external data). Several may tell of one file: an encoder and a decoder that share weights. */
import { posix } from "node:path";
import type { Layout } from "../../bytes/formats/index.ts";
import type { TensorEntry } from "../../core/manifest.ts";
import type { FilePath } from "../../core/names.ts";

export interface Told {
  readonly format: string;
  readonly tensors: readonly TensorEntry[];
}

/** By path of the file they lie in. The layouts come in the order of the files, so that the same files give the same version. */
export function toldOf(layouts: Iterable<readonly [FilePath, Layout]>): Map<string, Told> {
  const told = new Map<string, Told>();
  for (const [path, { format, external }] of layouts)
    for (const [location, tensors] of external) {
      const where = posix.join(posix.dirname(path), location);
      const before = told.get(where);
      told.set(where, before ? { format: before.format, tensors: joined(before.tensors, tensors) } : { format, tensors });
    }
  return told;
}

/** What is known, with those of the others that lie beside it and have names of their own. */
function joined(known: readonly TensorEntry[], others: readonly TensorEntry[]): TensorEntry[] {
  const names = new Set(known.map(({ name }) => name));
  const fresh = others.filter(({ name }) => !names.has(name)).map((tensor) => ({ tensor, rank: 1 }));
  const all = [...known.map((tensor) => ({ tensor, rank: 0 })), ...fresh].sort((a, b) => a.tensor.range.start - b.tensor.range.start || a.rank - b.rank);
  const starts = known.map(({ range }) => range.start).sort((a, b) => a - b);
  const kept: TensorEntry[] = [];
  let [end, next] = [0, 0];
  for (const { tensor, rank } of all) {
    while (next < starts.length && (starts[next] as number) <= tensor.range.start) next++;
    const collides = tensor.range.start < end || tensor.range.end > (starts[next] ?? Number.POSITIVE_INFINITY);
    if (rank === 1 && collides) continue;
    kept.push(tensor);
    end = Math.max(end, tensor.range.end);
  }
  return kept;
}
