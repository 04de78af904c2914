/** A batch as it lies in memory: its pieces one behind the other, each chunk as rows of the stage. */
import type { Element } from "../../core/element.ts";
import type { IngestPiece, Rows } from "../../machine/jobs.ts";
import type { Batch } from "./batches.ts";
import type { DescribedFile } from "./describe.ts";

export interface StagedChunk {
  readonly file: number;
  /** Position in the digests of its file. */
  readonly index: number;
  readonly rows: Rows;
  readonly rawBytes: number;
  readonly element: Element;
  readonly base: Uint8Array | undefined;
}

export interface StagedBatch {
  readonly bytes: number;
  readonly pieces: readonly IngestPiece[];
  /** The file of each piece. */
  readonly fileOf: readonly number[];
  /** In the order of the pieces. */
  readonly chunks: readonly StagedChunk[];
}

/** Vector loads like their data on cache lines. */
const alignBytes = 64;

/** `baseOf` names the chunk that a new one may be a delta against. */
export function layOut(batch: Batch, files: readonly DescribedFile[], baseOf: (file: number, chunk: StagedSpot) => Uint8Array | undefined): StagedBatch {
  const pieces: IngestPiece[] = [];
  const chunks: StagedChunk[] = [];
  let at = 0;
  for (const { file, band } of batch.pieces) {
    const { location, bytes } = files[file] as DescribedFile;
    const from = at - band.start;
    const rows = band.chunks.map((spot) => ({ offset: from + spot.start, rows: spot.rows, rowBytes: spot.rowBytes, stride: spot.stride }));
    pieces.push({ path: location, start: band.start, bytes: band.bytes, at, chunks: rows, whole: band.bytes === bytes });
    for (const [index, spot] of band.chunks.entries())
      chunks.push({ file, index: spot.index, rows: rows[index] as Rows, rawBytes: spot.bytes, element: band.run.element, base: baseOf(file, spot) });
    at = Math.ceil((at + band.bytes) / alignBytes) * alignBytes;
  }
  return { bytes: at, pieces, fileOf: batch.pieces.map((piece) => piece.file), chunks };
}

type StagedSpot = Batch["pieces"][number]["band"]["chunks"][number];
