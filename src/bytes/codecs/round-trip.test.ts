/** What is encoded is what is decoded, for every element, size and bit pattern; nothing outside the arrays is touched. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Element, elements } from "../../core/element.ts";
import { limits } from "../../core/limits.ts";
import { MiB } from "../../core/units.ts";
import { Guarded } from "../kernels/guarded.ts";
import { randomFrom } from "../kernels/specimens.ts";
import { twinKernels } from "../kernels/twin/index.ts";
import { type ChunkCodec, codecsOn } from "./chunk-codec.ts";
import { encodingIds, openCodecs } from "./index.ts";
import { Room } from "./room.ts";
import { chunkOf, oddChunks, tuned, weights } from "./specimens.ts";

const memory = new WebAssembly.Memory({ initial: 1024, maximum: 1024, shared: true });
const scratch = { offset: 0, bytes: 24 * MiB };
const guarded = new Guarded(new Uint8Array(memory.buffer), 24 * MiB);
const codecs = openCodecs(memory, scratch);
const options = { seed: 20261124, numRuns: 400 };

interface Trial {
  readonly element: Element;
  readonly raw: Uint8Array;
  readonly base?: Uint8Array | undefined;
  readonly skew?: number;
}

/** Encodes and decodes between guards; returns the encoding and its bytes. */
function roundTrip(codec: ChunkCodec, { element, raw: content, base: baseContent, skew = 0 }: Trial): { encoding: number; bytes: number; based: boolean } {
  const raw = guarded.place(content, skew);
  const base = baseContent && guarded.place(baseContent, (skew + 5) % 16);
  const out = guarded.room(content.length, (skew + 3) % 16);
  const encoded = codec.encode(raw, { element, base }, out);
  assert.ok(encoded.bytes <= content.length);
  assert.ok(Buffer.from(content).equals(raw), "encoding must not change the chunk");
  const stored = guarded.place(out.subarray(0, encoded.bytes), (skew + 7) % 16);
  const back = guarded.room(content.length, (skew + 1) % 16);
  codec.decode(encoded.encoding, stored, encoded.based ? base : undefined, back);
  assert.ok(Buffer.from(back).equals(content), `${element}, ${content.length} bytes, encoding ${encoded.encoding}`);
  guarded.check();
  return encoded;
}

const lengths = fc.oneof(fc.integer({ min: 0, max: 130 }), fc.integer({ min: 131, max: 40_000 }));
const anyElement = fc.constantFrom(...elements);

test("chunks of every element come back", () => {
  fc.assert(
    fc.property(anyElement, lengths, fc.integer(), fc.nat(15), (element, bytes, seed, skew) => {
      roundTrip(codecs, { element, raw: chunkOf(element, bytes, randomFrom(seed)), skew });
    }),
    options,
  );
});

test("bytes that are not what their element says come back", () => {
  fc.assert(
    fc.property(anyElement, fc.constantFrom(...Object.values(oddChunks)), lengths, fc.integer(), fc.nat(15), (element, make, bytes, seed, skew) => {
      roundTrip(codecs, { element, raw: make(bytes, randomFrom(seed)), skew });
    }),
    options,
  );
});

test("chunks come back against a base of any kind", () => {
  const bases = fc.constantFrom("itself", "tuned", "odd", "longer");
  fc.assert(
    fc.property(fc.constantFrom("bf16", "f16", "f32"), bases, lengths, fc.integer(), fc.nat(15), (element, kind, bytes, seed, skew) => {
      const random = randomFrom(seed);
      const whole = weights(element, Math.ceil(bytes / 4) * 2, random);
      const raw = (kind === "odd" ? (oddChunks["special halves"] as (typeof oddChunks)[string])(whole.length, random) : whole).subarray(0, bytes);
      const base = { itself: raw, tuned: tuned(element, whole, 1e-5, random).subarray(0, bytes), odd: whole.subarray(0, bytes), longer: whole }[kind];
      roundTrip(codecs, { element, raw, base: base.length < raw.length ? undefined : base, skew });
    }),
    options,
  );
});

test("the largest chunk of every element fits the scratch", () => {
  for (const element of elements) {
    const piece = chunkOf(element, 64 * 1024 - 3, randomFrom(element.length));
    const raw = new Uint8Array(limits.chunkBytesMax);
    for (let at = 0; at < raw.length; at += piece.length) raw.set(piece.subarray(0, raw.length - at), at);
    roundTrip(codecs, { element, raw, base: raw.map((byte) => byte ^ 1) });
    roundTrip(codecs, { element, raw: raw.map((byte, i) => (i & 8 ? 0 : byte)) });
  }
});

test("a chunk that is too long, or has too little room, is refused", () => {
  const raw = new Uint8Array(memory.buffer, 24 * MiB, limits.chunkBytesMax + 1);
  assert.throws(() => codecs.encode(raw, { element: "u8", base: undefined }, raw), { code: "LIMIT_EXCEEDED" });
  assert.throws(() => codecs.encodeRaw(raw.subarray(0, 9), raw.subarray(20, 28)), { code: "ARGUMENT_INVALID" });
});

test("an encoding that is not known is unsupported", () => {
  const bytes = new Uint8Array(memory.buffer, 24 * MiB, 16);
  for (const encoding of [11, 200, 255, -1, 0.5]) assert.throws(() => codecs.decode(encoding, bytes, undefined, bytes), { code: "ENCODING_UNSUPPORTED" });
});

test("the plain twin writes the same bytes and reads them", () => {
  const plain = codecsOn(twinKernels(), new Room(memory, scratch));
  for (const element of elements) {
    const raw = chunkOf(element, 9001, randomFrom(3));
    const ours = codecs.encode(guarded.place(raw), { element, base: undefined }, guarded.room(raw.length));
    guarded.check();
    const room = guarded.room(raw.length);
    const theirs = plain.encode(guarded.place(raw), { element, base: undefined }, room);
    assert.deepEqual(theirs, ours, element);
    const back = guarded.room(raw.length);
    codecs.decode(theirs.encoding, room.subarray(0, theirs.bytes), undefined, back);
    assert.deepEqual(back, raw);
    guarded.check();
  }
});

test("encodeRaw keeps the bytes as they are", () => {
  const raw = guarded.place(new Uint8Array(500));
  const out = guarded.room(600);
  assert.deepEqual(codecs.encodeRaw(raw, out), { encoding: encodingIds.RAW, bytes: 500, based: false });
  guarded.check();
});
