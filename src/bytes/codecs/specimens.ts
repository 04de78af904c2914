/** For tests: chunks of every element, as they occur and as they should not. */
import { type Element, elementBytes } from "../../core/element.ts";
import { bf16Bits, byteKinds, elementBytesOf, f16Bits, f32Bits, normal, type Random, special16, special32 } from "../kernels/specimens.ts";

const bitsOf = { bf16: bf16Bits, f16: f16Bits, f32: f32Bits } as const;
export type FloatElement = keyof typeof bitsOf;

/** Weights of a layer: rows with scales of their own, one in a thousand an outlier. */
export function weights(element: FloatElement, count: number, random: Random): Uint8Array {
  let scale = 0.02;
  return elementBytesOf(element === "f32" ? 4 : 2, count, (i) => {
    if (i % 256 === 0) scale = 0.02 * Math.exp(0.25 * normal(random));
    return bitsOf[element](normal(random) * scale * (random() < 0.001 ? 4 : 1));
  });
}

/** The same weights after a training step of `noise`, and those with `share` of the elements set to zero. */
export function tuned(element: FloatElement, base: Uint8Array, noise: number, random: Random): Uint8Array {
  const view = new DataView(base.buffer, base.byteOffset, base.byteLength);
  if (element === "f32") return elementBytesOf(4, base.length / 4, (i) => f32Bits(view.getFloat32(4 * i, true) + normal(random) * noise));
  const values = new DataView(new ArrayBuffer(4));
  return elementBytesOf(2, base.length / 2, (i) => {
    const bits = view.getUint16(2 * i, true);
    if (element === "f16") return bits + Math.round(normal(random) * 3);
    values.setUint32(0, bits << 16);
    return bf16Bits(values.getFloat32(0) + normal(random) * noise);
  });
}

export function pruned(width: 2 | 4, raw: Uint8Array, share: number, random: Random): Uint8Array {
  const result = raw.slice();
  for (let at = 0; at + width <= result.length; at += width) if (random() < share) result.fill(0, at, at + width);
  return result;
}

const words = ["the", "model", "of", "layers", "attention", "weight", "null", "token", "\n", '{"a":', "0.5", "}"];

export function text(length: number, random: Random): Uint8Array {
  let all = "";
  while (all.length < length) all += `${words[Math.floor(random() * words.length)]} `;
  return new TextEncoder().encode(all.slice(0, length));
}

/** GGUF blocks: bytes of quants at random, those where blocks have their scales (the first two and the last two) from a narrow range. */
function blocks(element: Element, count: number, random: Random): Uint8Array {
  const width = elementBytes[element];
  return Uint8Array.from({ length: count * width }, (_, i) => ((i + 2) % width < 4 ? 30 + 4 * random() : 128 + 16 * normal(random)));
}

/** A chunk of `bytes` bytes such as a tensor of that element has. */
export function chunkOf(element: Element, bytes: number, random: Random): Uint8Array {
  const count = Math.ceil(bytes / elementBytes[element]);
  const whole = ((): Uint8Array => {
    if (element in bitsOf) return weights(element as FloatElement, count, random);
    if (element === "text") return text(bytes, random);
    if (element === "i8" || element === "u8" || element === "f8") return (byteKinds.quants as (typeof byteKinds)[string])(bytes, random);
    if (element === "bool") return Uint8Array.from({ length: bytes }, () => (random() < 0.1 ? 1 : 0));
    if (element === "i16") return elementBytesOf(2, count, () => 300 * random());
    if (element === "i32") return elementBytesOf(4, count, () => 32000 * random());
    if (element === "i64") return elementBytesOf(4, 2 * count, (i) => (i % 2 === 0 ? 32000 * random() : 0));
    if (element === "f64") return new Uint8Array(Float64Array.from({ length: count }, () => normal(random)).buffer);
    if (element === "unknown") return (byteKinds.random as (typeof byteKinds)[string])(bytes, random);
    return blocks(element, count, random);
  })();
  return whole.subarray(0, bytes);
}

/** Bytes that no element would have, or that only a bit pattern shows. */
export const oddChunks: Readonly<Record<string, (bytes: number, random: Random) => Uint8Array>> = {
  ...byteKinds,
  "special halves": (bytes, random) => elementBytesOf(2, bytes, () => special16[Math.floor(random() * special16.length)] as number).subarray(0, bytes),
  "special floats": (bytes, random) => elementBytesOf(4, bytes, () => special32[Math.floor(random() * special32.length)] as number).subarray(0, bytes),
  "repeated pair": (bytes) => Uint8Array.from({ length: bytes }, (_, i) => i % 2),
  "repeated eight": (bytes) => Uint8Array.from({ length: bytes }, (_, i) => (i % 8) * 3),
};
