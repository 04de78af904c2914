/**
 * Reads a file forward through a window, for headers that cannot say how long they are. What is jumped over is not
 * fetched; what is fetched in all is bounded, so a header that pretends to go on for ever ends in FORMAT_INVALID.
 *
 * `lacks` and `fill` come in front of each synchronous read: `if (cursor.lacks(8)) await cursor.fill(8)`. A header has
 * many small fields, and an await for each would cost more than the parsing.
 */
import { limits } from "../../core/limits.ts";
import { KiB } from "../../core/units.ts";
import type { RangeReader } from "./format.ts";
import { invalid } from "./refuse.ts";

const firstWindowBytes = 1 * KiB;
const windowBytesMax = 256 * KiB;

export class Cursor {
  readonly #file: RangeReader;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;
  #windowBytesNext = firstWindowBytes;
  #at = 0;
  #fetchedBytes = 0;

  constructor(file: RangeReader, start = 0) {
    this.#file = file;
    this.#at = start;
  }

  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#file.bytes - this.#at;
  }

  lacks(bytes: number): boolean {
    return this.#at + bytes > this.#windowStart + this.#window.length || this.#at < this.#windowStart;
  }

  /** Brings the next `bytes` bytes into the window. */
  async fill(bytes: number): Promise<void> {
    if (bytes > this.remaining) throw invalid(`the file ends at byte ${this.#file.bytes}, in the middle of its header`);
    const length = Math.min(Math.max(bytes, this.#windowBytesNext), this.remaining);
    this.#fetchedBytes += length;
    if (this.#fetchedBytes > limits.headerBytesMax) throw invalid(`a header of more than ${limits.headerBytesMax} bytes`);
    const view = await this.#file.read({ start: this.#at, end: this.#at + length });
    this.#window = Buffer.from(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
    this.#windowStart = this.#at;
    this.#windowBytesNext = Math.min(2 * this.#windowBytesNext, windowBytesMax);
  }

  /** Goes on `bytes` bytes further. Beyond the window the next one begins small: what follows a jump is often another. */
  skip(bytes: number): void {
    if (bytes > this.remaining) throw invalid(`${bytes} bytes are announced at byte ${this.#at} of a file of ${this.#file.bytes}`);
    this.#at += bytes;
    if (this.lacks(0)) this.#windowBytesNext = firstWindowBytes;
  }

  u8(): number {
    return this.#window.readUInt8(this.#take(1));
  }

  u16(): number {
    return this.#window.readUInt16LE(this.#take(2));
  }

  u32(): number {
    return this.#window.readUInt32LE(this.#take(4));
  }

  /** A u64 that counts or places something, so one above 2^53 − 1 cannot be true of any file. */
  size(): number {
    const value = this.#window.readBigUInt64LE(this.#take(8));
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid(`the number ${value} at byte ${this.#at - 8}`);
    return Number(value);
  }

  /** A view that lives as long as the window does. */
  view(bytes: number): Uint8Array {
    const start = this.#take(bytes);
    return this.#window.subarray(start, start + bytes);
  }

  #take(bytes: number): number {
    const start = this.#at - this.#windowStart;
    this.#at += bytes;
    return start;
  }
}
