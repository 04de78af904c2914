/**
 * The order of work: the bands of all files, put in the order of the groups that a strategy sends them to, and taken in
 * batches that fit a stage. The order is known before a byte is read, so a push needs only a few open shards.
 */
import { type Band, bandsOf, tensorAt } from "../../bytes/chunking/index.ts";
import type { ShardStrategy } from "../../bytes/shards/strategies/index.ts";
import type { DescribedFile } from "./describe.ts";

export interface Piece {
  readonly file: number;
  readonly band: Band;
  readonly group: number;
}

export interface Batch {
  readonly group: number;
  readonly pieces: readonly Piece[];
  readonly bytes: number;
}

export function piecesOf(files: readonly DescribedFile[], strategy: ShardStrategy, groups: number): Piece[] {
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  const pieces: Piece[] = [];
  let before = 0;
  for (const [file, { path, runs, tensors, bytes }] of files.entries()) {
    for (const band of bandsOf(runs)) {
      const facts = { path, tensor: tensorAt(tensors, band.start)?.name, start: band.start, position: before + band.start, total };
      pieces.push({ file, band, group: strategy.groupOf(facts, groups) });
    }
    before += bytes;
  }
  return strategy.sequential ? pieces : pieces.sort((a, b) => a.group - b.group || a.file - b.file || a.band.start - b.band.start);
}

const batchBytes = 8 * 1024 * 1024;
const piecesPerBatchMax = 2048;

export function batchesOf(pieces: readonly Piece[]): Batch[] {
  const batches: Batch[] = [];
  let open: Piece[] = [];
  let bytes = 0;
  const close = (): void => {
    batches.push({ group: (open[0] as Piece).group, pieces: open, bytes });
    open = [];
    bytes = 0;
  };
  for (const [index, piece] of pieces.entries()) {
    open.push(piece);
    bytes += piece.band.bytes;
    const next = pieces[index + 1];
    const full = open.length >= piecesPerBatchMax || (next !== undefined && bytes + next.band.bytes > batchBytes);
    if (full || next?.group !== piece.group) close();
  }
  return batches;
}
