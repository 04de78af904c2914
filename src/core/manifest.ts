/**
 * What a version is: its files, and for each file the tensors in it and the runs of chunks that tile it from byte 0 to
 * its end. This file has the types; manifest-codec.ts has the bytes (docs/format.md, "Manifest").
 */

import type { Digest } from "./digest.ts";
import type { Element } from "./element.ts";
import type { DomainName, FilePath, ModelName, VersionId } from "./names.ts";
import type { ByteRange } from "./range.ts";

/** Chunks of `step` bytes each from `start` on; the last may be shorter. */
export interface EvenRun {
  readonly kind: "even";
  readonly start: number;
  readonly bytes: number;
  readonly step: number;
  readonly element: Element;
}

/**
 * A matrix cut in both directions, so that a rank can read its columns without the rest: the rows are cut into bands of
 * `bandRows`, and each band into `columns` chunks of equal width. A chunk's raw bytes are its rows laid one behind the other.
 * `rowBytes` is a multiple of `columns`; `bytes` is a multiple of `rowBytes`; the last band may have fewer rows.
 */
export interface TiledRun {
  readonly kind: "tiled";
  readonly start: number;
  readonly bytes: number;
  readonly rowBytes: number;
  readonly columns: number;
  readonly bandRows: number;
  readonly element: Element;
}

/** Chunks whose ends were found in the content. */
export interface ContentRun {
  readonly kind: "content";
  readonly start: number;
  /** Bytes of each chunk in order; they sum to `bytes`. */
  readonly lengths: readonly number[];
  readonly bytes: number;
  readonly element: Element;
}

export type Run = EvenRun | TiledRun | ContentRun;

export interface TensorEntry {
  readonly name: string;
  /** As the format spells it: `BF16`, `Q4_K`, `<f4`. */
  readonly dtype: string;
  readonly element: Element;
  /** Row-major, outermost first, whatever the format's own order. */
  readonly shape: readonly number[];
  readonly range: ByteRange;
}

export interface FileEntry {
  readonly path: FilePath;
  readonly bytes: number;
  readonly sha256: Digest;
  /** Name of the format that parsed it; `opaque` where none did. */
  readonly format: string;
  readonly tensors: readonly TensorEntry[];
  readonly runs: readonly Run[];
  /** 32 bytes for each chunk, in the order of the runs and of the chunks in them. */
  readonly digests: Uint8Array;
}

export interface Manifest {
  readonly domain: DomainName;
  readonly model: ModelName;
  readonly parent: VersionId | undefined;
  readonly message: string;
  /** In the order of their paths as UTF-8 bytes. */
  readonly files: readonly FileEntry[];
}
