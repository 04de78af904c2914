/** Writes the header of a new safetensors file, such as the part of a model that one rank holds. */
import { fault } from "../../../core/errors.ts";
import type { TensorEntry } from "../../../core/manifest.ts";
import { elementCount, packedBytes } from "../shape.ts";
import { safetensorsTypes } from "./dtypes.ts";
import { prefixBytes } from "./header.ts";

/** A tensor as the header states it; its bytes follow from dtype and shape. */
export type HeaderTensor = Pick<TensorEntry, "name" | "dtype" | "shape">;

const alignment = 8;

/**
 * The first bytes of a file whose tensors follow in the order given, without gaps: u64 length and JSON, padded with
 * spaces so that the tensors begin at a multiple of 8. Readers want wide elements first: a tensor is aligned when those
 * before it are. Throws ARGUMENT_INVALID for a dtype that safetensors does not have and for a name given twice.
 */
export function writeSafetensorsHeader(tensors: readonly HeaderTensor[], metadata: ReadonlyMap<string, string>): Uint8Array {
  const members = metadata.size > 0 ? [`"__metadata__":${objectOf(metadata)}`] : [];
  const json = Buffer.from(`{${[...members, ...tensorMembers(tensors)].join(",")}}`);
  const padded = Math.ceil(json.length / alignment) * alignment;
  const header = Buffer.alloc(prefixBytes + padded, " ");
  header.writeBigUInt64LE(BigInt(padded), 0);
  json.copy(header, prefixBytes);
  return header;
}

function objectOf(metadata: ReadonlyMap<string, string>): string {
  return `{${Array.from(metadata, ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`;
}

function tensorMembers(tensors: readonly HeaderTensor[]): string[] {
  const seen = new Set<string>(["__metadata__"]);
  let begin = 0;
  return tensors.map((tensor) => {
    if (seen.has(tensor.name)) throw fault("ARGUMENT_INVALID", `a header cannot name ${JSON.stringify(tensor.name)} twice`);
    seen.add(tensor.name);
    const end = begin + tensorBytes(tensor);
    const member = `${JSON.stringify(tensor.name)}:{"dtype":"${tensor.dtype}","shape":[${tensor.shape.join(",")}],"data_offsets":[${begin},${end}]}`;
    begin = end;
    return member;
  });
}

function tensorBytes(tensor: HeaderTensor): number {
  const type = safetensorsTypes.get(tensor.dtype);
  if (!type) throw fault("ARGUMENT_INVALID", `safetensors has no dtype ${JSON.stringify(tensor.dtype)} (tensor ${JSON.stringify(tensor.name)})`);
  return packedBytes(elementCount(tensor.shape), type.bits);
}
