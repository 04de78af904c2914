/** GGUF blocks by field (ggml-common.h): scales have another statistic than quants. An f16 is two fields, its low and its high byte. */
import { type Element, elementBytes } from "../../../core/element.ts";
import type { Layout } from "./layout.ts";

const fields: readonly (readonly [Element, readonly number[]])[] = [
  ["q4_0", [1, 1, 16]],
  ["q4_1", [1, 1, 1, 1, 16]],
  ["q5_0", [1, 1, 4, 16]],
  ["q5_1", [1, 1, 1, 1, 4, 16]],
  ["q8_0", [1, 1, 32]],
  ["q2_k", [16, 64, 1, 1, 1, 1]],
  ["q3_k", [32, 64, 12, 1, 1]],
  ["q4_k", [1, 1, 1, 1, 12, 128]],
  ["q5_k", [1, 1, 1, 1, 12, 32, 128]],
  ["q6_k", [128, 64, 16, 1, 1]],
];

/** The strided place of every field in blocks: `use(field bytes, offset, width)`. */
function eachField(planes: readonly number[], use: (index: number, offset: number, width: number) => void): void {
  let offset = 0;
  for (const [index, width] of planes.entries()) {
    use(index, offset, width);
    offset += width;
  }
}

function blockLayout(element: Element, id: number, planes: readonly number[]): Layout {
  const width = elementBytes[element];
  return {
    id,
    elements: [element],
    width,
    planes,
    split(tools, src, out) {
      const blocks = src.length / width;
      eachField(planes, (index, offset, bytes) => tools.kernels.gather(src.subarray(offset), width, bytes, blocks, out[index] as Uint8Array));
    },
    merge(tools, from, out) {
      const blocks = out.length / width;
      eachField(planes, (index, offset, bytes) => tools.kernels.scatter(from[index] as Uint8Array, bytes, blocks, out.subarray(offset), width));
    },
  };
}

export const blockLayouts: readonly Layout[] = fields.map(([element, planes], index) => blockLayout(element, index + 1, planes));
