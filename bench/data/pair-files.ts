/** A base and its fine-tune from two files: safetensors (tensors of the same name and size), or raw elements. */
import { readFileSync } from "node:fs";
import type { Pair } from "./tuned.ts";

const elementOf: Readonly<Record<string, Pair["element"]>> = { BF16: "bf16", F16: "f16", F32: "f32" };

interface Tensor {
  readonly element: Pair["element"];
  readonly bytes: Uint8Array;
}

function tensorsOf(path: string): Map<string, Tensor> {
  const file = readFileSync(path);
  if (!path.endsWith(".safetensors"))
    return new Map([["all", { element: path.endsWith(".f32") ? "f32" : path.endsWith(".f16") ? "f16" : "bf16", bytes: file }]]);
  const dataStart = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString("utf8", 8, dataStart)) as Record<string, { dtype: string; data_offsets: [number, number] }>;
  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype, data_offsets: offsets }] of Object.entries(header)) {
    const element = elementOf[dtype ?? ""];
    if (element && offsets) tensors.set(name, { element, bytes: file.subarray(dataStart + offsets[0], dataStart + offsets[1]) });
  }
  return tensors;
}

/** One pair for each element type, its tensors one behind the other, at most `bytesMax` of each. Raw files end in .bf16, .f16 or .f32. */
export function* filePairs(basePath: string, tunedPath: string, bytesMax: number): Generator<Pair> {
  const bases = tensorsOf(basePath);
  const tuned = [...tensorsOf(tunedPath)].filter(([name, { bytes }]) => bases.get(name)?.bytes.length === bytes.length);
  for (const element of ["bf16", "f16", "f32"] as const) {
    const both = tuned.filter(([, tensor]) => tensor.element === element).map(([name, { bytes }]) => [(bases.get(name) as Tensor).bytes, bytes] as const);
    if (both.length === 0) continue;
    const join = (side: 0 | 1): Uint8Array => Buffer.concat(both.map((pair) => pair[side])).subarray(0, bytesMax);
    yield { name: `${tunedPath.split("/").at(-1)} (${element})`, element, base: join(0), tuned: join(1) };
  }
}
