/** FILE → TENSORS: where the tensors of a file lie, read from its header alone. A format never interprets or runs what it finds. */

import type { TensorEntry } from "../../core/manifest.ts";
import type { ByteRange } from "../../core/range.ts";

/** Random access to a file of known size. `read` fills a fresh array with exactly the range, or throws. */
export interface RangeReader {
  readonly bytes: number;
  read(range: ByteRange): Promise<Uint8Array>;
}

export interface Layout {
  /** The name of the format. */
  readonly format: string;
  /** In the order of their bytes in the file; the ranges lie inside the file and do not overlap. */
  readonly tensors: readonly TensorEntry[];
  /** Tensors whose bytes lie in other files of the same folder (ONNX external data), by path relative to this file's folder. */
  readonly external: ReadonlyMap<string, readonly TensorEntry[]>;
}

export interface Format {
  readonly name: string;
  /** Whether a file of this name, in lower case, claims to be of this format (`model.safetensors` → safetensors). */
  claims(fileName: string): boolean;
  /** Whether the first bytes (up to 64) look like this format. */
  probe(head: Uint8Array): boolean;
  /** Throws FORMAT_INVALID or FORMAT_UNSUPPORTED. The name matters only where it is the tensor's (`.npy`). */
  layout(file: RangeReader, fileName: string): Promise<Layout>;
}
