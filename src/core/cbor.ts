/**
 * The part of CBOR (RFC 8949) that our objects are made of, in its one canonical form: unsigned integers, byte strings,
 * text, arrays of known length, null. The reader is told what to expect, item by item, so that hostile bytes can
 * neither nest nor make room for what they do not contain, and accepts nothing that the writer would not write.
 */
import { fault } from "./errors.ts";

const major = { uint: 0, bytes: 2, text: 3, array: 4 } as const;
const nullByte = 0xf6;
const twoTo32 = 0x1_0000_0000;

export class CborWriter {
  #buffer = Buffer.allocUnsafe(1024);
  #at = 0;

  uint(value: number): void {
    this.#head(major.uint, value);
  }

  bytes(value: Uint8Array): void {
    this.#head(major.bytes, value.byteLength);
    this.#room(value.byteLength);
    this.#buffer.set(value, this.#at);
    this.#at += value.byteLength;
  }

  /** The text must be well-formed UTF-16: a lone surrogate has no UTF-8. */
  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.#head(major.text, length);
    this.#room(length);
    this.#at += this.#buffer.write(value, this.#at, length, "utf8");
  }

  array(items: number): void {
    this.#head(major.array, items);
  }

  null(): void {
    this.#room(1);
    this.#buffer[this.#at++] = nullByte;
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return new Uint8Array(this.#buffer.subarray(0, this.#at));
  }

  #head(kind: number, value: number): void {
    this.#room(9);
    const buffer = this.#buffer;
    if (value < 24) this.#at = buffer.writeUInt8((kind << 5) | value, this.#at);
    else if (value < 0x100) this.#at = buffer.writeUInt8(value, this.#tag(kind, 24));
    else if (value < 0x1_0000) this.#at = buffer.writeUInt16BE(value, this.#tag(kind, 25));
    else if (value < twoTo32) this.#at = buffer.writeUInt32BE(value, this.#tag(kind, 26));
    else this.#at = buffer.writeUInt32BE(value % twoTo32, buffer.writeUInt32BE(Math.floor(value / twoTo32), this.#tag(kind, 27)));
  }

  #tag(kind: number, minor: number): number {
    return this.#buffer.writeUInt8((kind << 5) | minor, this.#at);
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.byteLength) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.byteLength * 2, this.#at + bytes));
    grown.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = grown;
  }
}

/** Every method throws OBJECT_CORRUPT when the next item is not the one asked for, or not in canonical form. */
export class CborReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  }

  uint(): number {
    return this.#head(major.uint, "a number");
  }

  /** A copy, so that the source may be used for something else. */
  bytes(): Uint8Array {
    const start = this.#skip(this.#head(major.bytes, "a byte string"));
    return new Uint8Array(this.#buffer.subarray(start, this.#at));
  }

  /** A byte string of exactly `length` bytes, as lower-case hex. */
  hex(length: number): string {
    const found = this.#head(major.bytes, "a byte string");
    if (found !== length) this.refuse(`a byte string of ${found} bytes where ${length} belong`);
    const start = this.#skip(length);
    return this.#buffer.toString("hex", start, this.#at);
  }

  text(): string {
    const start = this.#skip(this.#head(major.text, "text"));
    const text = this.#buffer.toString("utf8", start, this.#at);
    // Bytes that are not UTF-8 read as U+FFFD, and only then is the second look needed.
    if (text.includes("\ufffd") && Buffer.from(text).compare(this.#buffer, start, this.#at) !== 0) this.refuse("text that is not UTF-8");
    return text;
  }

  /** The number of items that follow; never more than there are bytes left to hold them. */
  array(): number {
    const items = this.#head(major.array, "an array");
    if (items > this.#buffer.byteLength - this.#at) this.refuse(`an array of ${items} items in ${this.#buffer.byteLength - this.#at} bytes`);
    return items;
  }

  /** An array whose length is known. */
  record(items: number): void {
    const found = this.array();
    if (found !== items) this.refuse(`an array of ${found} items where ${items} belong`);
  }

  /** Whether the next item is null; takes it if so. */
  null(): boolean {
    if (this.#buffer[this.#at] !== nullByte) return false;
    this.#at++;
    return true;
  }

  end(): void {
    if (this.#at !== this.#buffer.byteLength) this.refuse("more bytes after the last item");
  }

  refuse(what: string): never {
    throw fault("OBJECT_CORRUPT", `at byte ${this.#at}: ${what}`);
  }

  #head(kind: number, what: string): number {
    const first = this.#buffer[this.#skip(1)] as number;
    if (first >>> 5 !== kind) this.refuse(`something else where ${what} belongs`);
    const minor = first & 31;
    if (minor < 24) return minor;
    if (minor === 24) return this.#least(this.#buffer.readUInt8(this.#skip(1)), 24);
    if (minor === 25) return this.#least(this.#buffer.readUInt16BE(this.#skip(2)), 0x100);
    if (minor === 26) return this.#least(this.#buffer.readUInt32BE(this.#skip(4)), 0x1_0000);
    if (minor === 27) return this.#least(this.#uint64(), twoTo32);
    return this.refuse("a length that is not known");
  }

  #uint64(): number {
    const at = this.#skip(8);
    const value = this.#buffer.readUInt32BE(at) * twoTo32 + this.#buffer.readUInt32BE(at + 4);
    return Number.isSafeInteger(value) ? value : this.refuse("a number above 2^53 − 1");
  }

  #least(value: number, least: number): number {
    return value < least ? this.refuse("a number written in more bytes than it needs") : value;
  }

  /** Passes over `bytes` bytes and answers where they start. */
  #skip(bytes: number): number {
    const start = this.#at;
    if (bytes > this.#buffer.byteLength - start) this.refuse("the bytes end in the middle of an item");
    this.#at = start + bytes;
    return start;
  }
}
