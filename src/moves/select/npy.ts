/** A tensor as a NumPy file: with its own type where NumPy has that, otherwise as unsigned integers of the same size. */
import { npyHeader } from "../../bytes/formats/index.ts";
import { type Element, elementBytes } from "../../core/element.ts";
import { fault } from "../../core/errors.ts";
import { lengthOf } from "../../core/range.ts";
import type { Target } from "../transfer/index.ts";
import { type TensorAt, wholeTensor } from "./tensors.ts";

/** By the name that safetensors has for it; what other formats have is told by its element. */
const named: Readonly<Record<string, string>> = { U16: "<u2", U32: "<u4", U64: "<u8", C64: "<c8" };
const descrs: Partial<Record<Element, string>> = {
  ...{ bf16: "<u2", f16: "<f2", f32: "<f4", f64: "<f8", f8: "|u1", bool: "|b1" },
  ...{ i8: "|i1", u8: "|u1", i16: "<i2", i32: "<i4", i64: "<i8" },
};

/** NumPy's name of what a tensor is made of; undefined for blocks, which are no elements of an array. */
export function npyDescrOf({ file, tensor }: TensorAt): string | undefined {
  if (file.format === "numpy") return tensor.dtype;
  const descr = named[tensor.dtype] ?? descrs[tensor.element];
  const elements = tensor.shape.reduce((product, length) => product * length, 1);
  const itemBytes = named[tensor.dtype] ? Number(descr?.slice(2)) : elementBytes[tensor.element];
  return elements * itemBytes === lengthOf(tensor.range) ? descr : undefined;
}

/** Throws FORMAT_UNSUPPORTED. */
export function npyTarget(name: string, at: TensorAt): Target {
  const { file, tensor } = at;
  const descr = npyDescrOf(at);
  if (descr === undefined)
    throw fault("FORMAT_UNSUPPORTED", `tensor ${tensor.name} is ${tensor.dtype}, which a NumPy array cannot hold`, {
      advice: "Take its bytes as they are (raw).",
    });
  const header = npyHeader(descr, tensor.shape);
  return { ...rawTarget(name, at), bytes: header.byteLength + lengthOf(tensor.range), parts: [{ literal: header }, ...partsOf({ file, tensor })] };
}

/** The bytes of the tensor and nothing else. */
export function rawTarget(name: string, at: TensorAt): Target {
  return { name, bytes: lengthOf(at.tensor.range), parts: partsOf(at) };
}

function partsOf({ file, tensor }: TensorAt): Target["parts"] {
  return lengthOf(tensor.range) === 0 ? [] : [{ file, slice: wholeTensor(tensor) }];
}
