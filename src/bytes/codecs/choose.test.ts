/** Which encoding chunks get, and how small they become: the sizes that the format promises, to the tenth of a percent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Element } from "../../core/element.ts";
import { MiB } from "../../core/units.ts";
import { byteKinds, randomFrom } from "../kernels/specimens.ts";
import { type EncodingName, encodingIds, openCodecs } from "./index.ts";
import { chunkOf, pruned, text, tuned, weights } from "./specimens.ts";

const memory = new WebAssembly.Memory({ initial: 512, maximum: 512, shared: true });
const codecs = openCodecs(memory, { offset: 0, bytes: 24 * MiB });
const area = (index: number, bytes: number): Uint8Array => new Uint8Array(memory.buffer, (24 + index) * MiB, bytes);

function encoded(element: Element, content: Uint8Array, baseContent?: Uint8Array): { name: string; share: number; based: boolean } {
  const [raw, out, base] = [area(0, content.length), area(1, content.length), baseContent && area(2, baseContent.length)];
  raw.set(content);
  if (base && baseContent) base.set(baseContent);
  const { encoding, bytes, based } = codecs.encode(raw, { element, base }, out);
  const name = Object.entries(encodingIds).find(([, id]) => id === encoding)?.[0] as EncodingName;
  return { name, share: bytes / content.length, based };
}

function expectEncoding(result: { name: string; share: number }, name: EncodingName, shareMax: number): void {
  assert.equal(result.name, name);
  assert.ok(result.share <= shareMax, `${name} stored ${(100 * result.share).toFixed(2)} %`);
}

const random = randomFrom(20261124);
const bf16 = weights("bf16", MiB / 2, random);
const f32 = weights("f32", MiB / 4, random);

test("weights by their planes", () => {
  expectEncoding(encoded("bf16", bf16), "HUF16B", 0.667);
  expectEncoding(encoded("f16", weights("f16", MiB / 2, random)), "HUF16", 0.855);
  expectEncoding(encoded("f32", f32), "HUF32", 0.836);
  expectEncoding(encoded("f64", chunkOf("f64", MiB, random)), "HUF32", 0.95);
  expectEncoding(encoded("i8", chunkOf("i8", MiB, random)), "HUF8", 0.9);
  expectEncoding(encoded("q4_k", chunkOf("q4_k", 144 * 1000, random)), "HUF8", 0.95);
});

test("f32 that holds bf16 gives up its two empty planes", () => {
  expectEncoding(
    encoded(
      "f32",
      f32.map((byte, i) => (i % 4 < 2 ? 0 : byte)),
    ),
    "HUF32",
    0.35,
  );
});

test("pruned weights by mask and values", () => {
  expectEncoding(encoded("bf16", pruned(2, bf16, 0.5, random)), "SPARSE16", 0.396);
  expectEncoding(encoded("f32", pruned(4, f32, 0.5, random)), "SPARSE32", 0.46);
});

test("one value, however wide", () => {
  for (const period of [1, 2, 4, 8]) {
    const raw = Uint8Array.from({ length: 10_001 }, (_, i) => 1 + (i % period));
    expectEncoding(encoded("unknown", raw), "CONST", 8 / 10_001);
  }
  assert.equal(
    encoded(
      "bf16",
      Uint8Array.from({ length: 10_000 }, (_, i) => i % 3),
    ).name === "CONST",
    false,
  );
});

test("a fine-tune against its base, and alone when the base is of no use", () => {
  const delta = encoded("bf16", tuned("bf16", bf16, 1e-4, random), bf16);
  expectEncoding(delta, "CTXDELTA16", 0.2);
  assert.equal(delta.based, true);
  expectEncoding(encoded("f32", tuned("f32", f32, 1e-5, random), f32), "CTXDELTA32", 0.7);
  const stranger = encoded("bf16", weights("bf16", MiB / 2, randomFrom(1)), bf16);
  expectEncoding(stranger, "HUF16B", 0.667);
  assert.equal(stranger.based, false);
  assert.equal(encoded("bf16", bf16.subarray(0, 65536), bf16).name, "HUF16B", "a base of another length is no base");
});

test("the identical chunk as a delta costs next to nothing", () => {
  expectEncoding(encoded("bf16", bf16, bf16), "CTXDELTA16", 0.002);
});

test("low bits that are zero everywhere cost a delta nothing", () => {
  const narrow = (raw: Uint8Array): Uint8Array => raw.map((byte, i) => (i % 4 < 2 ? 0 : byte));
  expectEncoding(encoded("f32", narrow(tuned("f32", f32, 1e-4, random)), narrow(f32)), "CTXDELTA32", 0.1);
});

test("one outlier among the bases does not push all others into the last context", () => {
  const base = bf16.slice();
  base.set([0x00, 0x7f], 100);
  const [with1, without] = [encoded("bf16", tuned("bf16", base, 1e-4, randomFrom(5)), base), encoded("bf16", tuned("bf16", bf16, 1e-4, randomFrom(5)), bf16)];
  assert.ok(with1.share < without.share * 1.02, `${with1.share} against ${without.share}`);
});

test("unknown bytes are found out", () => {
  expectEncoding(encoded("unknown", bf16), "HUF16B", 0.667);
  expectEncoding(encoded("unknown", f32), "HUF32", 0.836);
  assert.ok(encoded("unknown", weights("f16", MiB / 2, random)).share < 0.855, "f16 is as small in the planes of bf16");
  expectEncoding(encoded("unknown", chunkOf("i8", MiB, random)), "HUF8", 0.9);
  expectEncoding(encoded("unknown", text(MiB, random)), "LZ", 0.4);
});

test("text by its repetitions, integers by what is smaller", () => {
  expectEncoding(encoded("text", text(5000, random)), "LZ", 0.5);
  expectEncoding(encoded("i64", chunkOf("i64", 400_000, random)), "HUF32", 0.26);
  const periodic = (byteKinds.counting as (typeof byteKinds)[string])(100_000, random);
  expectEncoding(encoded("u8", periodic), "LZ", 0.05);
});

test("what gains less than three in a hundred stays raw", () => {
  const noise = (byteKinds.random as (typeof byteKinds)[string])(MiB, random);
  for (const element of ["bf16", "f32", "u8", "unknown", "text", "q8_0"] as const) expectEncoding(encoded(element, noise), "RAW", 1);
  expectEncoding(encoded("bf16", noise.subarray(0, 40)), "RAW", 1);
  assert.equal(encoded("text", new Uint8Array(0)).name, "RAW");
});
