/** `TensorProto.DataType` (onnx.proto of onnx 1.23). Types whose elements do not fill bytes are packed, the last byte padded. */
import type { Element } from "../../../core/element.ts";

export interface OnnxType {
  readonly name: string;
  readonly bits: number;
  readonly element: Element;
  /** The field that may hold the elements as they would be in `raw_data`: `float_data` or `double_data`. */
  readonly plainField: number | undefined;
}

const floatData = 4;
const doubleData = 10;

function type(name: string, bits: number, element: Element, plainField?: number): OnnxType {
  return { name, bits, element, plainField };
}

export const onnxTypes: ReadonlyMap<number, OnnxType> = new Map([
  [1, type("FLOAT", 32, "f32", floatData)],
  [2, type("UINT8", 8, "u8")],
  [3, type("INT8", 8, "i8")],
  [4, type("UINT16", 16, "i16")],
  [5, type("INT16", 16, "i16")],
  [6, type("INT32", 32, "i32")],
  [7, type("INT64", 64, "i64")],
  [9, type("BOOL", 8, "bool")],
  [10, type("FLOAT16", 16, "f16")],
  [11, type("DOUBLE", 64, "f64", doubleData)],
  [12, type("UINT32", 32, "i32")],
  [13, type("UINT64", 64, "i64")],
  [14, type("COMPLEX64", 64, "f32", floatData)],
  [15, type("COMPLEX128", 128, "f64", doubleData)],
  [16, type("BFLOAT16", 16, "bf16")],
  [17, type("FLOAT8E4M3FN", 8, "f8")],
  [18, type("FLOAT8E4M3FNUZ", 8, "f8")],
  [19, type("FLOAT8E5M2", 8, "f8")],
  [20, type("FLOAT8E5M2FNUZ", 8, "f8")],
  [21, type("UINT4", 4, "u8")],
  [22, type("INT4", 4, "u8")],
  [23, type("FLOAT4E2M1", 4, "u8")],
  [24, type("FLOAT8E8M0", 8, "f8")],
  [25, type("UINT2", 2, "u8")],
  [26, type("INT2", 2, "u8")],
  [27, type("FLOAT6E2M3", 6, "unknown")],
  [28, type("FLOAT6E3M2", 6, "unknown")],
]);

/** Strings have no bytes of their own; they stay part of the message around them. */
export const stringType = 8;
