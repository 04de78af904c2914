/**
 * What a data worker can be asked to do. Each job is a whole step on bytes in shared memory, so that a dispatch
 * (5–80 µs) is small beside it. Everything in a job can be posted: spans instead of views, no functions.
 */
import type { Element } from "../core/element.ts";
import type { Span } from "./span.ts";

/** Rows of equal length in a span, `stride` bytes apart; contiguous bytes are one row. */
export interface Rows {
  readonly offset: number;
  readonly rows: number;
  readonly rowBytes: number;
  readonly stride: number;
}

/** Moves rows from a chunk's raw bytes to a window. */
export interface Copy {
  readonly from: number;
  readonly fromStride: number;
  readonly to: number;
  readonly toStride: number;
  readonly rows: number;
  readonly rowBytes: number;
}

/** For each part fills the spans from a file, one after the other; answers with the bytes read of each, fewer only where the file ends. */
interface ReadJob {
  readonly kind: "read";
  readonly parts: readonly { readonly path: string; readonly offset: number; readonly into: readonly Span[] }[];
}

/** Writes bytes of an existing file. */
interface WriteJob {
  readonly kind: "write";
  readonly path: string;
  readonly offset: number;
  readonly from: Span;
}

/** Writes a new file durably under a temporary name and links it into place. */
interface PublishJob {
  readonly kind: "publish";
  readonly path: string;
  readonly temporary: string;
  readonly body: readonly Span[];
}

/** Makes a sparse file of a size where there is none, or gives an existing one that size. */
export interface PrepareJob {
  readonly kind: "prepare";
  readonly path: string;
  readonly bytes: number;
}

/** Syncs a file that was written in parts and renames it over whatever is at `path`. */
export interface FinishJob {
  readonly kind: "finish";
  readonly path: string;
  readonly temporary: string;
}

/** Writes whole small files durably, each under its temporary name, and renames them over whatever is there. */
export interface ReplaceJob {
  readonly kind: "replace";
  readonly files: readonly { readonly path: string; readonly temporary: string; readonly from: Span }[];
}

/** Makes the names in folders durable. */
interface SyncFoldersJob {
  readonly kind: "sync-folders";
  readonly folders: readonly string[];
}

/** Reads regions of source files to find the ends of their chunks in the content. */
export interface CutJob {
  readonly kind: "cut";
  readonly regions: readonly { readonly path: string; readonly start: number; readonly bytes: number }[];
  /** Room to read into; twice the largest chunk at least. */
  readonly buffer: Span;
}

export interface IngestPiece {
  readonly path: string;
  readonly start: number;
  readonly bytes: number;
  /** Where its bytes go in the stage. */
  readonly at: number;
  /** Its chunks, as rows of the stage. */
  readonly chunks: readonly Rows[];
  /** The piece is a whole file, whose SHA-256 is wanted. */
  readonly whole: boolean;
}

/** Reads pieces of source files into the stage and digests their chunks. Throws SOURCE_CHANGED for a file that is shorter now. */
export interface IngestJob {
  readonly kind: "ingest";
  readonly pieces: readonly IngestPiece[];
  readonly stage: Span;
}

export interface Ingested {
  /** 32 bytes for each chunk, in the order of the pieces. */
  readonly digests: Uint8Array;
  /** For each piece: lower-case hex where it was asked for. */
  readonly sha256: readonly (string | undefined)[];
}

/** Goes on with the SHA-256 of a file. Jobs of one key go to one worker, in the order of the bytes. Answers with the digest after the last. */
export interface Sha256Job {
  readonly kind: "sha256";
  readonly key: string;
  readonly from: readonly Span[] | { readonly path: string; readonly start: number; readonly bytes: number };
  readonly last: boolean;
}

export interface PackChunk {
  readonly digest: Uint8Array;
  readonly rows: Rows;
  readonly element: Element;
  readonly base: { readonly digest: Uint8Array; readonly bytes: Span; readonly depth: number } | undefined;
}

/** Encodes chunks of the stage and lays them behind each other as frames. */
export interface PackJob {
  readonly kind: "pack";
  readonly stage: Span;
  readonly chunks: readonly PackChunk[];
  readonly out: Span;
  readonly encode: "auto" | "raw";
}

export interface PackedFrame {
  /** Of the frame header in `out`. */
  readonly offset: number;
  readonly encoding: number;
  readonly storedBytes: number;
  readonly crc32c: number;
  readonly based: boolean;
}

interface DecodeStep {
  readonly encoding: number;
  readonly stored: Span;
  readonly crc32c: number;
}

export interface DecodeChunk {
  readonly digest: Uint8Array;
  readonly rawBytes: number;
  /** From the chunk that stands alone to the one that is wanted. None: the raw bytes already lie in the window. */
  readonly steps: readonly DecodeStep[];
  readonly copies: readonly Copy[];
}

/** Decodes chunks into a window and verifies them. Answers with a verdict for each. */
export interface DecodeJob {
  readonly kind: "decode";
  readonly chunks: readonly DecodeChunk[];
  readonly window: Span;
}

/** The chunk has its digest. */
export const verdictGood = 0;
/** The chunk is wrong although every stored piece matches its checksum. Other verdicts: 1 + the step whose stored bytes are damaged. */
export const verdictWrong = 255;

/** Whether the spans have the same bytes. */
export interface CompareJob {
  readonly kind: "compare";
  readonly a: readonly Span[];
  readonly b: Span;
}

/** Checks every byte of a shard: structure, name and the CRC32C of every frame. */
interface CheckJob {
  readonly kind: "check";
  readonly shard: Span;
}

interface CheckedShard {
  readonly digest: string | undefined;
  readonly problem: string | undefined;
  readonly damagedFrames: readonly number[];
}

/** Copies chunks out of a window; answers with the CRC32C of each for which it is wanted. */
export interface CopyOutJob {
  readonly kind: "copy-out";
  readonly chunks: readonly {
    readonly from: Span;
    /** Where its rows lie in `from`; undefined: all of `from`, in one run. */
    readonly copies: readonly Copy[] | undefined;
    readonly to: Span;
    readonly sum: boolean;
  }[];
}

/** CRC32C of the spans one behind the other. */
interface Crc32cJob {
  readonly kind: "crc32c";
  readonly from: readonly Span[];
}

/** CRC32C of each step of the spans laid one behind the other. */
interface Crc32cStepsJob {
  readonly kind: "crc32c-steps";
  readonly from: readonly Span[];
  readonly stepBytes: number;
}

export type Job =
  | ReadJob
  | WriteJob
  | PublishJob
  | PrepareJob
  | FinishJob
  | ReplaceJob
  | SyncFoldersJob
  | CutJob
  | IngestJob
  | Sha256Job
  | PackJob
  | DecodeJob
  | CompareJob
  | CheckJob
  | CopyOutJob
  | Crc32cJob
  | Crc32cStepsJob;

interface Answers {
  read: readonly number[];
  write: void;
  publish: void;
  prepare: void;
  finish: void;
  replace: void;
  "sync-folders": void;
  /** For each region the lengths of its chunks. */
  cut: readonly (readonly number[])[];
  ingest: Ingested;
  sha256: string | undefined;
  pack: readonly PackedFrame[];
  decode: Uint8Array;
  compare: boolean;
  check: CheckedShard;
  "copy-out": readonly (number | undefined)[];
  crc32c: number;
  "crc32c-steps": Uint8Array;
}
export type AnswerOf<J extends Job> = Answers[J["kind"]];

/** What a worker gets in place of a job when there are none to come. */
export const noMoreJobs = "no more jobs";
