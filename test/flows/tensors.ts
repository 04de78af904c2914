/** A safetensors file of small, odd and large tensors, and what it is with one of them replaced. */
import { createHash } from "node:crypto";
import { randomFrom } from "../../src/bytes/kernels/specimens.ts";
import { elementBytes } from "../../src/core/element.ts";

interface Spec {
  readonly dtype: "BF16" | "F32" | "I64" | "U16";
  readonly shape: readonly number[];
}

/** In the order of the file: small ones share chunks with their neighbours. */
export const specs: Readonly<Record<string, Spec>> = {
  scalar: { dtype: "F32", shape: [] },
  "norm.a": { dtype: "BF16", shape: [512] },
  "norm.b": { dtype: "BF16", shape: [513] },
  empty: { dtype: "BF16", shape: [0, 7] },
  "large.a": { dtype: "BF16", shape: [1500, 1024] },
  ids: { dtype: "I64", shape: [31] },
  "large.b": { dtype: "BF16", shape: [1024, 1024] },
  counts: { dtype: "U16", shape: [3, 5] },
};

const bits = { BF16: elementBytes.bf16, F32: 4, I64: 8, U16: 2 } as const;

export function bytesOfTensor(name: string): number {
  const { dtype, shape } = specs[name] as Spec;
  return shape.reduce((product, length) => product * length, bits[dtype]);
}

function rangesOf(): Map<string, readonly [number, number]> {
  let at = 0;
  return new Map(Object.keys(specs).map((name) => [name, [at, (at += bytesOfTensor(name))]]));
}

/** Like weights: high bytes of few kinds. */
export function someBytes(bytes: number, seed: number): Uint8Array {
  const random = randomFrom(seed);
  return Uint8Array.from({ length: bytes }, (_, at) => (at % 2 === 0 ? random() * 256 : 0x3c + random() * 3));
}

export function tensorFile(seed: number): Uint8Array {
  const ranges = rangesOf();
  const header = Object.fromEntries(Object.entries(specs).map(([name, { dtype, shape }]) => [name, { dtype, shape, data_offsets: ranges.get(name) }]));
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const total = [...ranges.values()].at(-1)?.[1] as number;
  return Buffer.concat([length, json, someBytes(total, seed)]);
}

/** Where the tensor's bytes lie in the file. */
export function placeOf(file: Uint8Array, name: string): readonly [number, number] {
  const data = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const [start, end] = rangesOf().get(name) as readonly [number, number];
  return [data + start, data + end];
}

export function withTensor(file: Uint8Array, name: string, bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(file);
  copy.set(bytes, placeOf(file, name)[0]);
  return copy;
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
