/** Shared memory laid out for a codec benchmark: chunks to encode, their bases, what they become, and what comes back. */
import { type Encoded, openCodecs } from "../src/bytes/codecs/index.ts";
import type { Element } from "../src/core/element.ts";
import { limits } from "../src/core/limits.ts";
import { MiB } from "../src/core/units.ts";
import { type Speed, speedOf } from "./measure.ts";

const scratchBytes = 24 * MiB;

export interface Result {
  readonly share: number;
  readonly encode: Speed;
  readonly decode: Speed;
}

export class Stage {
  readonly #memory: WebAssembly.Memory;
  readonly #codecs;
  readonly #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    const pages = (scratchBytes + 4 * bytesMax) / 65536;
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    new Uint8Array(this.#memory.buffer).fill(1);
    this.#codecs = openCodecs(this.#memory, { offset: 0, bytes: scratchBytes });
  }

  /** Encodes and decodes all chunks of 1 MiB `repeats` times; throws when what comes back is not what went in. */
  run(element: Element, content: Uint8Array, baseContent: Uint8Array | undefined, repeats: number): Result {
    const raw = this.#area(0, content);
    const base = baseContent && this.#area(1, baseContent);
    const [out, back] = [this.#area(2, content.length), this.#area(3, content.length)];
    const chunks = Math.ceil(content.length / limits.chunkBytes);
    const part = (bytes: Uint8Array, chunk: number): Uint8Array => bytes.subarray(chunk * limits.chunkBytes, (chunk + 1) * limits.chunkBytes);
    const encoded: Encoded[] = [];
    const encode = speedOf(chunks, content.length, repeats, (chunk) => {
      encoded[chunk] = this.#codecs.encode(part(raw, chunk), { element, base: base && part(base, chunk) }, part(out, chunk));
    });
    const decode = speedOf(chunks, content.length, repeats, (chunk) => {
      const { encoding, bytes, based } = encoded[chunk] as Encoded;
      this.#codecs.decode(encoding, part(out, chunk).subarray(0, bytes), based && base ? part(base, chunk) : undefined, part(back, chunk));
    });
    if (!Buffer.from(back).equals(content)) throw new Error(`${element} did not come back`);
    return { share: encoded.reduce((sum, { bytes }) => sum + bytes, 0) / content.length, encode, decode };
  }

  #area(index: number, content: Uint8Array | number): Uint8Array {
    const length = typeof content === "number" ? content : content.length;
    if (length > this.#bytesMax) throw new Error(`${length} bytes are more than the stage holds`);
    const area = new Uint8Array(this.#memory.buffer, scratchBytes + index * this.#bytesMax, length);
    if (typeof content !== "number") area.set(content);
    return area;
  }
}
