/**
 * A load as windows: runs of bytes of the targets, each with the chunks that fill it. A target is what is wanted (a file
 * as it was pushed, a file of slices for one rank, one tensor), described by parts; a window is at most a few MiB, so a
 * load of any size goes through fixed memory.
 */
import { bandsIn } from "../../bytes/chunking/index.ts";
import { digestBytes } from "../../core/digest.ts";
import { limits } from "../../core/limits.ts";
import type { FileEntry } from "../../core/manifest.ts";
import { MiB } from "../../core/units.ts";
import type { Copy } from "../../machine/jobs.ts";
import { type FileRows, intersect } from "./intersect.ts";

/** The next bytes of a target: given, or rows of a file of the version. */
export type Part = { readonly literal: Uint8Array } | { readonly file: FileEntry; readonly slice: FileRows };

export interface Target {
  readonly name: string;
  readonly bytes: number;
  /** Their bytes, one behind the other, are the target. */
  readonly parts: readonly Part[];
}

export interface WantedChunk {
  /** 32 bytes. */
  readonly digest: Uint8Array;
  readonly rawBytes: number;
  /** `to` counts from the start of the window. */
  readonly copies: readonly Copy[];
}

/** Bytes of one target in a window. */
export interface Stretch {
  readonly target: number;
  /** In the target. */
  readonly start: number;
  readonly bytes: number;
  /** In the window. */
  readonly at: number;
}

export interface Window {
  readonly bytes: number;
  readonly stretches: readonly Stretch[];
  readonly chunks: readonly WantedChunk[];
  readonly literals: readonly { readonly at: number; readonly bytes: Uint8Array }[];
}

export function wholeFile(file: FileEntry): Target {
  const slice = { start: 0, rows: 1, rowBytes: file.bytes, stride: file.bytes };
  return { name: file.path, bytes: file.bytes, parts: file.bytes === 0 ? [] : [{ file, slice }] };
}

interface Portion {
  readonly bytes: number;
  /** `to` counts from the start of the portion. */
  readonly chunks: readonly WantedChunk[];
  readonly literal: Uint8Array | undefined;
}

function* portionsOf(part: Part): Generator<Portion> {
  if ("literal" in part) {
    yield { bytes: part.literal.byteLength, chunks: [], literal: part.literal };
    return;
  }
  const { file, slice } = part;
  const end = slice.start + (slice.rows - 1) * slice.stride + slice.rowBytes;
  let done = 0;
  for (const band of bandsIn(file.runs, { start: slice.start, end })) {
    const chunks = band.chunks.flatMap((spot) => {
      const copies = intersect(slice, spot, band.run.start);
      if (copies.length === 0) return [];
      const digest = file.digests.subarray(spot.index * digestBytes, (spot.index + 1) * digestBytes);
      return [{ digest, rawBytes: spot.bytes, copies: copies.map((copy) => shifted(copy, -done)) }];
    });
    const bytes = chunks.reduce((sum, chunk) => sum + bytesOfCopies(chunk.copies), 0);
    if (bytes > 0) yield { bytes, chunks, literal: undefined };
    done += bytes;
  }
}

export function bytesOfCopies(copies: readonly Copy[]): number {
  return copies.reduce((sum, copy) => sum + copy.rows * copy.rowBytes, 0);
}

function shifted(copy: Copy, by: number): Copy {
  return { ...copy, to: copy.to + by };
}

const chunksPerWindowMax = 2048;
/** Raw bytes of the chunks of a window, of which it may want little: what they are read into is bounded too. */
const sourceBytesMax = 32 * MiB;

export interface WindowOptions {
  /** A window with so many is full. */
  readonly bytes: number;
  /** The place of a stretch in its window agrees with its place in its target modulo so many bytes, for direct writes. */
  readonly align: number;
  /** Targets that are under way at once: their windows take turns. */
  readonly lanes: number;
}

const oneLane: WindowOptions = { bytes: limits.windowBytes, align: 1, lanes: 1 };

/** The windows of the targets, those of each target in order. */
export function* windowsOf(targets: readonly Target[], wish: Partial<WindowOptions> = {}): Generator<Window> {
  const options = { ...oneLane, ...wish };
  const queue = targets.entries();
  let open = Array.from({ length: options.lanes }, () => laneOf(queue, options));
  while (open.length > 0) {
    const turn = open.map((lane) => ({ lane, next: lane.next() })).filter(({ next }) => !next.done);
    yield* turn.map(({ next }) => next.value as Window);
    open = turn.map(({ lane }) => lane);
  }
}

/** Takes target after target from a queue that other lanes may take from too. */
function* laneOf(queue: Iterable<[number, Target]>, options: WindowOptions): Generator<Window, void> {
  let open = new OpenWindow(options);
  for (const [index, target] of queue) {
    let start = 0;
    for (const part of target.parts)
      for (const portion of portionsOf(part)) {
        open.add(index, start, portion);
        start += portion.bytes;
        if (open.isFull()) {
          yield open.close();
          open = new OpenWindow(options);
        }
      }
  }
  if (!open.isEmpty()) yield open.close();
}

class OpenWindow {
  readonly #bytesWanted: number;
  readonly #align: number;
  #bytes = 0;
  #sourceBytes = 0;
  readonly #stretches: { target: number; start: number; bytes: number; at: number }[] = [];
  readonly #chunks: WantedChunk[] = [];
  readonly #literals: { at: number; bytes: Uint8Array }[] = [];

  constructor({ bytes, align }: WindowOptions) {
    this.#bytesWanted = bytes;
    this.#align = align;
  }

  add(target: number, start: number, portion: Portion): void {
    const at = this.#place(target, start, portion.bytes);
    for (const chunk of portion.chunks) this.#chunks.push({ ...chunk, copies: chunk.copies.map((copy) => shifted(copy, at)) });
    if (portion.literal) this.#literals.push({ at, bytes: portion.literal });
    this.#bytes = at + portion.bytes;
    this.#sourceBytes += portion.chunks.reduce((sum, { rawBytes }) => sum + rawBytes, 0);
  }

  /** Goes on in the last stretch when the bytes follow it, otherwise begins one. */
  #place(target: number, start: number, bytes: number): number {
    const last = this.#stretches.at(-1);
    if (last && last.target === target && last.start + last.bytes === start) {
      last.bytes += bytes;
      return this.#bytes;
    }
    const skew = (start - this.#bytes) % this.#align;
    const at = this.#bytes + (skew < 0 ? skew + this.#align : skew);
    this.#stretches.push({ target, start, bytes, at });
    return at;
  }

  isFull(): boolean {
    return this.#bytes >= this.#bytesWanted || this.#sourceBytes >= sourceBytesMax || this.#chunks.length >= chunksPerWindowMax;
  }

  isEmpty(): boolean {
    return this.#stretches.length === 0;
  }

  close(): Window {
    return { bytes: this.#bytes, stretches: this.#stretches, chunks: this.#chunks, literals: this.#literals };
  }
}
