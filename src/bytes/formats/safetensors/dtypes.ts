/** The element types of safetensors (github.com/huggingface/safetensors, `Dtype` in tensor.rs, 0.8). */
import type { Element } from "../../../core/element.ts";

export interface SafetensorsType {
  readonly bits: number;
  /** The codec's starting point. Unsigned integers share the planes of the signed ones, complex numbers are pairs of floats. */
  readonly element: Element;
}

export const safetensorsTypes: ReadonlyMap<string, SafetensorsType> = new Map([
  ["BOOL", { bits: 8, element: "bool" }],
  ["F4", { bits: 4, element: "u8" }],
  ["F6_E2M3", { bits: 6, element: "unknown" }],
  ["F6_E3M2", { bits: 6, element: "unknown" }],
  ["U8", { bits: 8, element: "u8" }],
  ["I8", { bits: 8, element: "i8" }],
  ["F8_E5M2", { bits: 8, element: "f8" }],
  ["F8_E4M3", { bits: 8, element: "f8" }],
  ["F8_E8M0", { bits: 8, element: "f8" }],
  ["F8_E4M3FNUZ", { bits: 8, element: "f8" }],
  ["F8_E5M2FNUZ", { bits: 8, element: "f8" }],
  ["I16", { bits: 16, element: "i16" }],
  ["U16", { bits: 16, element: "i16" }],
  ["F16", { bits: 16, element: "f16" }],
  ["BF16", { bits: 16, element: "bf16" }],
  ["I32", { bits: 32, element: "i32" }],
  ["U32", { bits: 32, element: "i32" }],
  ["F32", { bits: 32, element: "f32" }],
  ["C64", { bits: 64, element: "f32" }],
  ["F64", { bits: 64, element: "f64" }],
  ["I64", { bits: 64, element: "i64" }],
  ["U64", { bits: 64, element: "i64" }],
]);
