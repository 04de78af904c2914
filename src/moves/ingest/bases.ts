/** Which chunk of the parent version a new chunk is compared with: the same place of the tensor with the same name, dtype and shape. */
import { bandsOf, type ChunkSpot, tensorAt } from "../../bytes/chunking/index.ts";
import { digestBytes } from "../../core/digest.ts";
import type { Element } from "../../core/element.ts";
import type { Manifest, TensorEntry } from "../../core/manifest.ts";

/** The elements that the delta encodings know. */
const deltaElements: ReadonlySet<Element> = new Set(["bf16", "f16", "f32"]);

export class Bases {
  readonly #digests = new Map<string, Uint8Array>();

  constructor(parent: Manifest | undefined) {
    for (const file of parent?.files ?? [])
      for (const band of bandsOf(file.runs))
        for (const chunk of band.chunks) {
          const key = keyOf(file.tensors, chunk);
          if (key !== undefined) this.#digests.set(key, file.digests.subarray(chunk.index * digestBytes, (chunk.index + 1) * digestBytes));
        }
  }

  get any(): boolean {
    return this.#digests.size > 0;
  }

  digestFor(tensors: readonly TensorEntry[], chunk: ChunkSpot): Uint8Array | undefined {
    if (this.#digests.size === 0) return undefined;
    const key = keyOf(tensors, chunk);
    return key === undefined ? undefined : this.#digests.get(key);
  }
}

function keyOf(tensors: readonly TensorEntry[], chunk: ChunkSpot): string | undefined {
  const tensor = tensorAt(tensors, chunk.start);
  if (!tensor || !deltaElements.has(tensor.element)) return undefined;
  const place = [chunk.start - tensor.range.start, chunk.rows, chunk.rowBytes, chunk.stride].join(" ");
  return `${tensor.name}\n${tensor.dtype} ${tensor.shape.join("x")} ${place}`;
}
