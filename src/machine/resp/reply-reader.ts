/**
 * Finds replies among the bytes of a connection, and says where the next bytes are to be received: a value that is awaited at a place is
 * received there, everything else in a scratch. Pure: it is told what came. Whatever a server sends, memory and depth stay bounded.
 * The format: https://redis.io/docs/latest/develop/reference/protocol-spec (RESP2).
 */
import { fault, type HoldfastError } from "../../core/errors.ts";
import { KiB, MiB } from "../../core/units.ts";
import { lengthOfViews } from "./command.ts";

/** An error that the server answered with. Its first word is its code. */
export class Refusal {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get code(): string {
    return /^[A-Z]+/.exec(this.text)?.[0] ?? "ERR";
  }
}

/** The value lies where it was awaited. */
export const landed: unique symbol = Symbol("landed");
/** The value is there, and has another length than was awaited: it was passed over. */
export const otherLength: unique symbol = Symbol("other length");

export type Reply = string | number | null | Refusal | typeof landed | typeof otherLength | readonly Reply[];

/** Small, so that little of a large value is received beside its place. */
const scratchBytes = 16 * KiB;
const lineBytesMax = 16 * KiB;
const depthMax = 8;
const itemsMax = 100_000;
/** Of all text in one reply. */
const textBytesMax = 4 * MiB;
/** A value that nobody wants in this length is read past when it is not longer. */
const passedBytesMax = 32 * MiB;

interface Frame {
  readonly items: Reply[];
  left: number;
}

interface Body {
  left: number;
  readonly place: readonly Uint8Array[] | undefined;
  readonly text: Buffer[] | undefined;
}

export class ReplyReader {
  readonly #awaited: () => readonly Uint8Array[] | undefined;
  readonly #done: (reply: Reply) => void;
  readonly #scratch = Buffer.allocUnsafeSlow(scratchBytes);
  readonly #stack: Frame[] = [];
  #line = "";
  #body: Body | undefined;
  #lineEndLeft = 0;
  #items = 0;
  #textBytes = 0;
  #receivesInPlace = false;

  /** `awaited`: where the value of the reply that begins goes, if anywhere; it throws when no reply is awaited. `done` has each reply, in order. */
  constructor(awaited: () => readonly Uint8Array[] | undefined, done: (reply: Reply) => void) {
    this.#awaited = awaited;
    this.#done = done;
  }

  /** Memory for the next bytes, never empty. */
  room(): Uint8Array {
    const place = this.#body?.place && this.#placeOf(this.#body);
    this.#receivesInPlace = place !== undefined;
    return place ?? this.#scratch;
  }

  /** So many bytes were received in the room that was given last. Throws CACHE_UNREACHABLE for what is no reply. */
  received(bytes: number): void {
    if (this.#receivesInPlace && this.#body) return this.#passed(this.#body, bytes);
    this.#take(this.#scratch.subarray(0, bytes));
  }

  #take(raw: Buffer): void {
    let at = 0;
    while (at < raw.length)
      if (this.#body && this.#body.left > 0) at += this.#takeBody(this.#body, raw.subarray(at));
      else if (this.#lineEndLeft > 0) this.#takeLineEnd(raw[at++] as number);
      else at += this.#takeLine(raw.subarray(at));
  }

  #placeOf({ place = [], left }: Body): Uint8Array | undefined {
    let behind = lengthOfViews(place) - left;
    for (const view of place) {
      if (behind < view.byteLength) return view.subarray(behind);
      behind -= view.byteLength;
    }
    return undefined;
  }

  #takeBody(body: Body, raw: Buffer): number {
    const place = body.place && this.#placeOf(body);
    const part = raw.subarray(0, Math.min(body.left, place?.byteLength ?? body.left));
    place?.set(part);
    body.text?.push(Buffer.from(part));
    this.#passed(body, part.length);
    return part.length;
  }

  #passed(body: Body, bytes: number): void {
    body.left -= bytes;
    if (body.left === 0) this.#lineEndLeft = 2;
  }

  #takeLineEnd(byte: number): void {
    if (byte !== (this.#lineEndLeft === 2 ? 0x0d : 0x0a)) throw malformed("a value does not end where it should");
    if (--this.#lineEndLeft > 0) return;
    const { place, text } = this.#body as Body;
    this.#body = undefined;
    this.#value(place ? landed : text ? Buffer.concat(text).toString("utf8") : otherLength);
  }

  /** Up to the line feed, or all of it where the line goes on. */
  #takeLine(raw: Buffer): number {
    if (this.#line === "" && this.#stack.length === 0) this.#awaited();
    const feed = raw.indexOf(0x0a);
    const taken = feed === -1 ? raw.length : feed + 1;
    this.#line += raw.toString("latin1", 0, taken);
    if (this.#line.length > lineBytesMax) throw malformed("a line is too long");
    if (feed !== -1) this.#finishLine();
    return taken;
  }

  #finishLine(): void {
    if (!this.#line.endsWith("\r\n")) throw malformed("a line does not end as it must");
    const [kind, rest] = [this.#line[0], this.#line.slice(1, -2)];
    this.#line = "";
    this.#countText(rest.length);
    if (kind === "+") this.#value(rest);
    else if (kind === "-") this.#value(new Refusal(rest));
    else if (kind === ":") this.#value(numberIn(rest));
    else if (kind === "$") this.#startBody(numberIn(rest));
    else if (kind === "*") this.#startList(numberIn(rest));
    else throw malformed("it is not the protocol of Redis");
  }

  #startBody(bytes: number): void {
    if (bytes === -1) return this.#value(null);
    const awaited = this.#stack.length === 0 ? this.#awaited() : undefined;
    if (bytes < 0 || (awaited && bytes > passedBytesMax)) throw malformed(`a value of ${bytes} bytes`);
    if (!awaited) this.#countText(bytes);
    const place = awaited && lengthOfViews(awaited) === bytes ? awaited : undefined;
    this.#body = { left: bytes, place, text: awaited ? undefined : [] };
    if (bytes === 0) this.#lineEndLeft = 2;
  }

  #startList(count: number): void {
    if (count === -1) return this.#value(null);
    this.#items += count;
    if (count < 0 || this.#items > itemsMax || this.#stack.length >= depthMax) throw malformed("a list is too long or too deep");
    if (count === 0) this.#value([]);
    else this.#stack.push({ items: [], left: count });
  }

  #value(reply: Reply): void {
    const frame = this.#stack.at(-1);
    if (!frame) {
      this.#items = 0;
      this.#textBytes = 0;
      return this.#done(reply);
    }
    frame.items.push(reply);
    if (--frame.left > 0) return;
    this.#stack.pop();
    this.#value(frame.items);
  }

  #countText(bytes: number): void {
    this.#textBytes += bytes;
    if (this.#textBytes > textBytesMax) throw malformed("a reply is too long");
  }
}

function numberIn(text: string): number {
  const value = /^-?\d{1,18}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw malformed("a number cannot be read");
}

export function malformed(what: string): HoldfastError {
  return fault("CACHE_UNREACHABLE", `the answer cannot be read: ${what}`);
}
