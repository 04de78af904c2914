/** Where the shares of ranks begin and end, so that chunks can too. */
import type { TensorEntry } from "../../core/manifest.ts";
import type { Arch } from "./arch.ts";
import { splitOf } from "./rules.ts";
import type { Section } from "./split.ts";

/** The most ranks that read no byte too many; 2, 4 and 8 do. */
const ranksServed = 8;

/**
 * Into how many equal parts a tensor is to be cut along its bytes (`rows`) and along its innermost dimension (`columns`).
 * 1 and 1 where ranks read all of it, and for vocabularies: those grow, and a fixed step keeps what was there.
 */
export function tileOf(tensor: TensorEntry, arch: Arch | undefined): { readonly rows: number; readonly columns: number } {
  const split = splitOf(tensor, arch, undefined);
  if (split.kind === "replicate" || split.uneven === "replicate") return { rows: 1, columns: 1 };
  const { shape } = tensor;
  const parts = partsOf(split.sections, shape[split.dim] as number);
  if (split.dim === shape.length - 1 && shape.length > 1) return { rows: 1, columns: parts };
  return { rows: parts === 1 ? 1 : shape.slice(0, split.dim).reduce((product, dimension) => product * dimension, parts), columns: 1 };
}

/** The `columns` of `tileOf`: 8, or a multiple, where ranks share the innermost dimension. */
export function columnsFor(tensor: TensorEntry, arch: Arch | undefined): number {
  return tileOf(tensor, arch).columns;
}

/** The fewest equal parts of the dimension whose borders include those of every rank's share of every section. */
function partsOf(sections: readonly Section[], size: number): number {
  for (let ranks = ranksServed; ranks > 1; ranks /= 2)
    if (sections.every((section) => section.size % ranks === 0)) return size / sections.map((section) => section.size / ranks).reduce(commonDivisor);
  return 1;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
