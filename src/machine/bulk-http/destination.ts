/** Where the body of an answer goes: into the caller's memory, or into a short text. */
import { textBytesMax } from "./message.ts";
import { malformed } from "./response-head.ts";

export interface Destination {
  /** Bytes that were put here. */
  readonly bytes: number;
  /** Memory for the next bytes, at most `bytesMax` of it and never empty; undefined where they have to be put. */
  room(bytesMax: number): Uint8Array | undefined;
  /** So many bytes were received in the room. */
  advance(bytes: number): void;
  put(part: Uint8Array): void;
}

/** Views that are filled one after the other. */
export class Landing implements Destination {
  bytes = 0;
  readonly #views: readonly Uint8Array[];
  #view = 0;
  #offset = 0;

  constructor(views: readonly Uint8Array[]) {
    this.#views = views;
    this.#skipFull();
  }

  room(bytesMax: number): Uint8Array | undefined {
    return this.#views[this.#view]?.subarray(this.#offset, this.#offset + bytesMax);
  }

  advance(bytes: number): void {
    this.bytes += bytes;
    this.#offset += bytes;
    this.#skipFull();
  }

  put(part: Uint8Array): void {
    for (let at = 0; at < part.byteLength; ) {
      const room = this.room(part.byteLength - at);
      if (!room) throw malformed(`the body of the answer is longer than the ${this.bytes} bytes that were asked for`);
      room.set(part.subarray(at, at + room.byteLength));
      at += room.byteLength;
      this.advance(room.byteLength);
    }
  }

  #skipFull(): void {
    for (let view = this.#views[this.#view]; view && this.#offset === view.byteLength; view = this.#views[this.#view]) {
      this.#view++;
      this.#offset = 0;
    }
  }
}

/** The first 64 KiB; `overflowed` when there was more. */
export class Text implements Destination {
  bytes = 0;
  overflowed = false;
  readonly #parts: Buffer[] = [];

  room(): undefined {
    return undefined;
  }

  advance(): void {}

  put(part: Uint8Array): void {
    const kept = Buffer.from(part.subarray(0, textBytesMax - this.bytes));
    this.overflowed ||= kept.length < part.byteLength;
    this.bytes += kept.length;
    this.#parts.push(kept);
  }

  toString(): string {
    return Buffer.concat(this.#parts).toString("utf8");
  }
}
