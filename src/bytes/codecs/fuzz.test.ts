/** Stored bytes that are damaged or invented: every decoder refuses them or fills its output, touches nothing else, and ends. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { isFault } from "../../core/errors.ts";
import { MiB } from "../../core/units.ts";
import { Guarded } from "../kernels/guarded.ts";
import { type Random, randomFrom } from "../kernels/specimens.ts";
import { type EncodingName, encodingIds, openCodecs } from "./index.ts";
import { chunkOf, pruned, text, tuned, weights } from "./specimens.ts";

const memory = new WebAssembly.Memory({ initial: 512, maximum: 512, shared: true });
const guarded = new Guarded(new Uint8Array(memory.buffer), 24 * MiB);
const codecs = openCodecs(memory, { offset: 0, bytes: 24 * MiB });
const rounds = 400;

interface Sample {
  readonly encoding: number;
  readonly stored: Uint8Array;
  readonly base: Uint8Array | undefined;
  readonly rawBytes: number;
}

function sampleOf(element: Parameters<typeof chunkOf>[0], raw: Uint8Array, base?: Uint8Array): Sample {
  const [ours, out] = [guarded.place(raw), guarded.room(raw.length)];
  const { encoding, bytes } = codecs.encode(ours, { element, base: base && guarded.place(base) }, out);
  const stored = out.slice(0, bytes);
  guarded.check();
  return { encoding, stored, base, rawBytes: raw.length };
}

const random = randomFrom(20261124);
const bf16 = weights("bf16", 5001, random);
const f32 = weights("f32", 3001, random);
const samples: Readonly<Record<EncodingName, Sample>> = {
  RAW: { encoding: encodingIds.RAW, stored: bf16.slice(0, 99), base: undefined, rawBytes: 99 },
  CONST: sampleOf("bf16", new Uint8Array(999)),
  HUF16B: sampleOf("bf16", bf16),
  HUF16: sampleOf("f16", weights("f16", 5001, random)),
  HUF32: sampleOf("f32", f32),
  HUF8: sampleOf("q4_k", chunkOf("q4_k", 14_403, random)),
  SPARSE16: sampleOf("bf16", pruned(2, bf16, 0.5, random)),
  SPARSE32: sampleOf("f32", pruned(4, f32, 0.5, random)),
  CTXDELTA16: sampleOf("bf16", tuned("bf16", bf16, 1e-4, random), bf16),
  CTXDELTA32: sampleOf("f32", tuned("f32", f32, 1e-6, random), f32),
  LZ: sampleOf("text", text(9000, random)),
};

/** Decodes between guards: true when it was taken. Anything thrown but CHUNK_CORRUPT is a failure. */
function decode({ encoding, stored, base, rawBytes }: Sample, skew: number): boolean {
  const out = guarded.room(rawBytes, skew % 16);
  try {
    codecs.decode(encoding, guarded.place(stored, (skew >> 4) % 16), base && guarded.place(base, skew % 7), out);
    return true;
  } catch (error) {
    if (!isFault(error, "CHUNK_CORRUPT")) throw error;
    return false;
  } finally {
    guarded.check();
  }
}

const damages: Readonly<Record<string, (stored: Uint8Array, random: Random) => Uint8Array>> = {
  "a flipped bit": (stored, next) => stored.map((byte, i) => (i === 0 ? byte : byte)).with(Math.floor(next() * stored.length), 256 * next()),
  "a changed head": (stored, next) => stored.map((byte, i) => (i < 64 && next() < 0.05 ? 256 * next() : byte)),
  "a cut": (stored, next) => stored.slice(0, Math.floor(next() * stored.length)),
  "more bytes": (stored, next) => Uint8Array.from({ length: stored.length + 1 + 40 * next() }, (_, i) => stored[i] ?? 0),
  "a moved piece": (stored, next) => stored.slice().copyWithin(next() * stored.length, next() * stored.length, next() * stored.length),
  "random bytes": (stored, next) => stored.map(() => 256 * next()),
  "a random rest": (stored, next) => {
    const from = next() * stored.length;
    return stored.map((byte, i) => (i < from ? byte : 256 * next()));
  },
};

for (const [name, sample] of Object.entries(samples)) {
  test(`${name}: damaged bytes are refused or decoded, never worse`, () => {
    assert.equal(sample.encoding, encodingIds[name as EncodingName], "the sample is of its encoding");
    assert.equal(decode(sample, 3), true);
    const next = randomFrom(sample.stored.length);
    for (let round = 0; round < rounds; round++) {
      for (const damaged of Object.values(damages)) decode({ ...sample, stored: damaged(sample.stored, next) }, round);
    }
  });

  test(`${name}: a cut or an addition is always seen`, () => {
    const next = randomFrom(7);
    for (let round = 0; round < 60; round++) {
      const stored = (damages["a cut"] as (typeof damages)[string])(sample.stored, next);
      if (name !== "CONST" || stored.length === 0) assert.equal(decode({ ...sample, stored }, round), false);
    }
    const longer = Uint8Array.from([...sample.stored, ...new Array(9).fill(0)]);
    assert.equal(decode({ ...sample, stored: longer }, 1), false);
  });

  test(`${name}: another raw length is refused`, () => {
    for (const rawBytes of [0, 1, sample.rawBytes - 1, sample.rawBytes + 1, sample.rawBytes + 64, 4 * sample.rawBytes]) {
      const base = sample.base && Uint8Array.from({ length: rawBytes }, (_, i) => sample.base?.[i] ?? 0);
      const taken = decode({ ...sample, rawBytes, base }, 5);
      if (name !== "CONST") assert.equal(taken, false, `${rawBytes} bytes`);
    }
  });
}

test("a delta without its base, or with one of another length, is corrupt", () => {
  assert.equal(decode({ ...samples.CTXDELTA16, base: undefined }, 0), false);
  assert.equal(decode({ ...samples.CTXDELTA16, base: bf16.subarray(2) }, 0), false);
});

test("values that no encoder writes are refused by name", () => {
  const refuse = (name: EncodingName, stored: readonly number[], rawBytes: number, base?: Uint8Array): void => {
    assert.equal(decode({ encoding: encodingIds[name], stored: Uint8Array.from(stored), base, rawBytes }, 0), false);
  };
  const rawMask = [0, 2, 0, 0, 0];
  refuse("SPARSE16", [...rawMask, 0, 0b10, encodingIds.RAW, 0, 0, 0, 0], 18);
  assert.equal(
    decode({ encoding: encodingIds.SPARSE16, stored: Uint8Array.from([...rawMask, 0, 0, encodingIds.RAW, 0, 0, 0, 0]), base: undefined, rawBytes: 18 }, 0),
    true,
  );
  refuse("SPARSE16", [...rawMask, 0, 0, encodingIds.CTXDELTA16, 0, 0, 0, 0], 18);
  refuse("CTXDELTA16", [1, 40, 0, ...new Array(36).fill(0)], 16, new Uint8Array(16));
  refuse("CTXDELTA16", [0, 40, 16, ...new Array(36).fill(0)], 16, new Uint8Array(16));
  refuse("CTXDELTA16", [2, 4, 0, ...new Array(36).fill(0)], 16, new Uint8Array(16));
  refuse("HUF32", [3, ...new Array(40).fill(0)], 16);
});

test("nothing decodes from nothing", () => {
  for (const encoding of Object.values(encodingIds)) assert.equal(decode({ encoding, stored: new Uint8Array(0), base: undefined, rawBytes: 64 }, 0), false);
});

/** Inputs that once broke a decoder: `<encoding>-<raw bytes>-<what>.bin`. */
const corpus = new URL("./corpus/", import.meta.url);
for (const name of existsSync(corpus) ? readdirSync(corpus) : []) {
  test(`corpus: ${name}`, () => {
    const [encoding, rawBytes] = name.split("-").map(Number) as [number, number];
    decode({ encoding, stored: readFileSync(new URL(name, corpus)), base: undefined, rawBytes }, 0);
  });
}
