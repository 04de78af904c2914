/**
 * A JSON reader (RFC 8259) for foreign headers, narrower than `JSON.parse` on purpose: valid UTF-8 without byte order
 * mark, no key twice in one object, numbers are whole and safe, nesting is bounded, and nothing becomes a property of
 * an object, so `__proto__` is a key like any other. It walks the bytes once and builds only what its caller keeps.
 */
import { isUtf8 } from "node:buffer";
import { limits } from "../../core/limits.ts";
import { invalid } from "./refuse.ts";

const code = { quote: 0x22, comma: 0x2c, colon: 0x3a, openArray: 0x5b, backslash: 0x5c, closeArray: 0x5d, openObject: 0x7b, closeObject: 0x7d } as const;
const zero = 0x30;
const numberBytesMax = 1024;
const escapeBytesMax = 6;
const escapeRule = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/;
const literals = ["true", "false", "null"].map((word) => Buffer.from(word));

export class StrictJson {
  readonly #bytes: Buffer;
  readonly #depthMax: number;
  #at = 0;
  #depth = 0;

  constructor(bytes: Uint8Array, depthMax: number) {
    if (!isUtf8(bytes)) throw invalid("the JSON is not valid UTF-8");
    this.#bytes = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
    this.#depthMax = depthMax;
  }

  /** Calls `member` with each key; it must consume the value. */
  object(member: (key: string) => void): void {
    const seen = new Set<string>();
    this.#list(code.openObject, code.closeObject, () => {
      const key = this.string();
      if (seen.has(key)) this.#refuse(`the key ${JSON.stringify(key.slice(0, 80))} comes twice`);
      seen.add(key);
      this.#expect(code.colon);
      member(key);
    });
  }

  /** Calls `item` once for each item; it must consume it. */
  array(item: () => void): void {
    this.#list(code.openArray, code.closeArray, item);
  }

  /** A string of at most `bytesMax` bytes as written. */
  string(bytesMax: number = limits.tensorNameBytesMax): string {
    this.#space();
    const first = this.#at;
    const escaped = this.skipString();
    if (this.#at - first - 2 > bytesMax) this.#refuse(`a string of more than ${bytesMax} bytes`);
    return escaped ? this.#unescape(first) : this.#bytes.toString("utf8", first + 1, this.#at - 1);
  }

  /** Passes over a string and says whether it has escapes. Half a surrogate pair is refused only where the string is kept. */
  skipString(): boolean {
    this.#expect(code.quote);
    let escaped = false;
    for (; ; this.#at++) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) this.#refuse("a string does not end");
      if (byte < 0x20) this.#refuse("a control character in a string");
      if (byte === code.quote) break;
      if (byte === code.backslash) {
        escaped = true;
        this.#skipEscape();
      }
    }
    this.#at++;
    return escaped;
  }

  /** A whole number from 0 to 2^53 − 1, written with digits alone. */
  integer(): number {
    this.#space();
    const start = this.#at;
    let value = 0;
    for (let digit = this.#digit(); digit !== undefined; digit = this.#digit()) {
      value = value * 10 + digit;
      if (value > Number.MAX_SAFE_INTEGER) this.#refuse("a number above 2^53 − 1");
      this.#at++;
    }
    if (this.#at === start) this.#refuse("not a whole number that is zero or more");
    if (this.#bytes[start] === zero && this.#at > start + 1) this.#refuse("a number that begins with 0");
    return value;
  }

  /** Passes over any value; its numbers may be fractions here, because nobody reads them. */
  skipValue(): void {
    const next = this.#peek();
    if (next === code.openObject) this.object(() => this.skipValue());
    else if (next === code.openArray) this.array(() => this.skipValue());
    else if (next === code.quote) this.skipString();
    else if (!this.#skipLiteral()) this.#skipNumber();
  }

  /** Nothing but white space may follow. */
  end(): void {
    if (this.#peek() !== undefined) this.#refuse("something follows the JSON");
  }

  #list(open: number, close: number, item: () => void): void {
    this.#expect(open);
    if (++this.#depth > this.#depthMax) this.#refuse(`nested deeper than ${this.#depthMax}`);
    if (this.#peek() === close) this.#at++;
    else this.#items(close, item);
    this.#depth--;
  }

  #items(close: number, item: () => void): void {
    for (;;) {
      item();
      if (this.#peek() !== code.comma) break;
      this.#at++;
    }
    this.#expect(close);
  }

  /** From the backslash to the last byte of the escape. */
  #skipEscape(): void {
    const found = escapeRule.exec(this.#bytes.toString("latin1", this.#at, this.#at + escapeBytesMax));
    if (!found) this.#refuse("a malformed escape in a string");
    this.#at += found[0].length - 1;
  }

  #unescape(first: number): string {
    const written = this.#bytes.toString("utf8", first, this.#at);
    const text = JSON.parse(written) as string;
    if (!text.isWellFormed()) this.#refuse("half a surrogate pair in a string");
    return text;
  }

  #skipLiteral(): boolean {
    for (const word of literals) {
      if (this.#bytes.compare(word, 0, word.length, this.#at, Math.min(this.#at + word.length, this.#bytes.length)) !== 0) continue;
      this.#at += word.length;
      return true;
    }
    return false;
  }

  #skipNumber(): void {
    const text = this.#bytes.toString("latin1", this.#at, this.#at + numberBytesMax);
    const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d{1,4})?/.exec(text);
    if (!number) this.#refuse("not a value");
    this.#at += number[0].length;
  }

  #digit(): number | undefined {
    const byte = this.#bytes[this.#at];
    return byte !== undefined && byte >= zero && byte <= zero + 9 ? byte - zero : undefined;
  }

  #expect(wanted: number): void {
    if (this.#peek() !== wanted) this.#refuse(`"${String.fromCharCode(wanted)}" is missing`);
    this.#at++;
  }

  #peek(): number | undefined {
    this.#space();
    return this.#bytes[this.#at];
  }

  #space(): void {
    for (let byte = this.#bytes[this.#at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = this.#bytes[++this.#at]);
  }

  #refuse(reason: string): never {
    throw invalid(`${reason} (JSON byte ${this.#at})`);
  }
}
