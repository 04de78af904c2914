/** Finds the bytes of a body among the bytes of the connection. Pure: it is told what came, and says what of it is body. */
import type { Framing } from "./response-head.ts";
import { malformed } from "./response-head.ts";

export interface BodyFraming {
  /** So many of the bytes that come next are body for certain, and may be received at their place. Not finite where only the end of the connection ends it. */
  readonly ahead: number;
  readonly done: boolean;
  /** Body bytes were received at their place: at most `ahead`. */
  passed(bytes: number): void;
  /** Takes bytes of the connection and delivers the body in them; returns how many it took, fewer than all only when the body is done. */
  take(raw: Uint8Array, deliver: (body: Uint8Array) => void): number;
  /** The connection ended. Returns whether the body is whole. */
  close(): boolean;
}

export function openFraming(framing: Framing): BodyFraming {
  if (framing.kind === "chunked") return new ChunkedBody();
  return new PlainBody(framing.kind === "length" ? framing.bytes : Number.POSITIVE_INFINITY);
}

class PlainBody implements BodyFraming {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  get ahead(): number {
    return this.#left;
  }

  get done(): boolean {
    return this.#left === 0;
  }

  passed(bytes: number): void {
    this.#left -= bytes;
  }

  take(raw: Uint8Array, deliver: (body: Uint8Array) => void): number {
    const part = raw.subarray(0, Math.min(raw.byteLength, this.#left));
    if (part.byteLength > 0) deliver(part);
    this.#left -= part.byteLength;
    return part.byteLength;
  }

  close(): boolean {
    if (this.#left === Number.POSITIVE_INFINITY) this.#left = 0;
    return this.done;
  }
}

type ChunkState = "size" | "data" | "data-end" | "trailer" | "done";

/** A size with its extensions, or a trailer. */
const lineBytesMax = 4096;
const trailersMax = 32;

class ChunkedBody implements BodyFraming {
  #state: ChunkState = "size";
  #left = 0;
  #line = "";
  #trailers = 0;

  get ahead(): number {
    return this.#left;
  }

  get done(): boolean {
    return this.#state === "done";
  }

  passed(bytes: number): void {
    this.#left -= bytes;
    if (this.#left === 0) this.#state = "data-end";
  }

  take(raw: Uint8Array, deliver: (body: Uint8Array) => void): number {
    let at = 0;
    while (at < raw.byteLength && !this.done) at += this.#left > 0 ? this.#takeData(raw.subarray(at), deliver) : this.#takeLine(raw.subarray(at));
    return at;
  }

  close(): boolean {
    return this.done;
  }

  #takeData(raw: Uint8Array, deliver: (body: Uint8Array) => void): number {
    const part = raw.subarray(0, Math.min(raw.byteLength, this.#left));
    deliver(part);
    this.passed(part.byteLength);
    return part.byteLength;
  }

  /** Up to the line feed, or all of it where the line goes on. */
  #takeLine(raw: Uint8Array): number {
    const feed = raw.indexOf(0x0a);
    const taken = feed === -1 ? raw.byteLength : feed + 1;
    this.#line += Buffer.from(raw.buffer, raw.byteOffset, taken).toString("latin1");
    if (this.#line.length > lineBytesMax) throw malformed("a chunk of the answer has a line that is too long");
    if (feed !== -1) this.#finishLine();
    return taken;
  }

  #finishLine(): void {
    if (!this.#line.endsWith("\r\n")) throw malformed("a chunk of the answer has a line that does not end as it must");
    const line = this.#line.slice(0, -2);
    this.#line = "";
    if (this.#state === "size") this.#startChunk(line);
    else if (this.#state === "data-end") this.#endChunk(line);
    else this.#takeTrailer(line);
  }

  #startChunk(line: string): void {
    const size = /^([0-9a-f]{1,12})(?:[\t ]*;[\t\x20-\x7e]*)?$/i.exec(line)?.[1];
    if (size === undefined) throw malformed("a chunk of the answer has no size");
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left > 0 ? "data" : "trailer";
  }

  #endChunk(line: string): void {
    if (line !== "") throw malformed("a chunk of the answer is longer than its size");
    this.#state = "size";
  }

  #takeTrailer(line: string): void {
    if (line === "") this.#state = "done";
    else if (++this.#trailers > trailersMax) throw malformed("the answer has too many trailers");
  }
}
