/** What a data worker can be asked to do. Each job is a whole step on arena bytes, so that a dispatch (5–80 µs) is small beside it. */
import type { Span } from "./span.ts";

/** Reads `spans` from one file: each is filled from its offset, or the job fails. */
export interface ReadJob {
  readonly kind: "read";
  readonly path: string;
  readonly offset: number;
  readonly into: Span;
  readonly direct: boolean;
}

/** Writes a whole new file durably: temporary name, O_DIRECT where there is, fsync, link without overwrite, fsync of the folder. */
export interface PublishJob {
  readonly kind: "publish";
  readonly temporary: string;
  readonly path: string;
  readonly folder: string;
  readonly from: Span;
}

/** Writes bytes into an existing file at an offset; direct when path, offset and span allow it. */
export interface WriteJob {
  readonly kind: "write";
  readonly path: string;
  readonly offset: number;
  readonly from: Span;
}

/** One piece of a source file to be read into the stage, cut and digested. */
export interface IngestPiece {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** Raw lengths of its chunks, or the rule that finds them. */
  readonly cut: readonly number[] | "content" | "content-end";
  /** Streaming SHA-256 of the file that the piece belongs to: undefined where it is not taken in this pass. */
  readonly sha256: { readonly key: string; readonly first: boolean; readonly last: boolean } | undefined;
}

export interface IngestJob {
  readonly kind: "ingest";
  readonly pieces: readonly IngestPiece[];
  readonly stage: Span;
}

export interface IngestedPiece {
  /** Raw lengths of the chunks cut from the piece, in order; their sum is what was consumed. */
  readonly lengths: readonly number[];
  /** 32 bytes for each chunk. */
  readonly digests: Uint8Array;
  /** Lower-case hex when the piece was the last of its file. */
  readonly sha256: string | undefined;
}

export interface PackChunk {
  readonly offset: number;
  readonly length: number;
  readonly digest: Uint8Array;
  readonly element: string;
  readonly base: { readonly digest: Uint8Array; readonly bytes: Span; readonly depth: number } | undefined;
}

/** Encodes chunks of the stage and appends them as frames to a shard buffer. */
export interface PackJob {
  readonly kind: "pack";
  readonly stage: Span;
  readonly chunks: readonly PackChunk[];
  readonly out: Span;
  readonly encode: "auto" | "raw";
}

export interface PackedFrame {
  readonly encoding: number;
  readonly storedBytes: number;
  readonly crc32c: number;
  readonly based: boolean;
}

export interface DecodeChunk {
  readonly digest: Uint8Array;
  readonly encoding: number;
  readonly stored: Span;
  readonly base: Span | undefined;
  readonly out: Span;
}

/** Decodes and verifies; the answer has one flag for each chunk: 1 where the bytes in `out` have the digest. */
export interface DecodeJob {
  readonly kind: "decode";
  readonly chunks: readonly DecodeChunk[];
}

/** Checks every byte of a shard: structure, index digest and the CRC32C of every frame. */
export interface CheckJob {
  readonly kind: "check";
  readonly shard: Span;
}

export interface CheckedShard {
  readonly digest: string | undefined;
  readonly problem: string | undefined;
  /** Index of each frame whose bytes are damaged; empty where the damage is elsewhere. */
  readonly damagedFrames: readonly number[];
}

export type Job = ReadJob | PublishJob | WriteJob | IngestJob | PackJob | DecodeJob | CheckJob;

export interface Answers {
  read: number;
  publish: undefined;
  write: undefined;
  ingest: readonly IngestedPiece[];
  pack: readonly PackedFrame[];
  decode: Uint8Array;
  check: CheckedShard;
}
export type AnswerOf<J extends Job> = Answers[J["kind"]];
