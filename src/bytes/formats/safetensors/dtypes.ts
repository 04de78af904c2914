/** The element types of safetensors (github.com/huggingface/safetensors, `Dtype` in tensor.rs, 0.8). */
import type { Element } from "../../../core/element.ts";

export interface SafetensorsType {
  /** As the header spells it. Entries share this string instead of keeping one each. */
  readonly name: string;
  readonly bits: number;
  /** The codec's starting point. Unsigned integers share the planes of the signed ones, complex numbers are pairs of floats. */
  readonly element: Element;
}

const types: readonly SafetensorsType[] = [
  { name: "BOOL", bits: 8, element: "bool" },
  { name: "F4", bits: 4, element: "u8" },
  { name: "F6_E2M3", bits: 6, element: "unknown" },
  { name: "F6_E3M2", bits: 6, element: "unknown" },
  { name: "U8", bits: 8, element: "u8" },
  { name: "I8", bits: 8, element: "i8" },
  { name: "F8_E5M2", bits: 8, element: "f8" },
  { name: "F8_E4M3", bits: 8, element: "f8" },
  { name: "F8_E8M0", bits: 8, element: "f8" },
  { name: "F8_E4M3FNUZ", bits: 8, element: "f8" },
  { name: "F8_E5M2FNUZ", bits: 8, element: "f8" },
  { name: "I16", bits: 16, element: "i16" },
  { name: "U16", bits: 16, element: "i16" },
  { name: "F16", bits: 16, element: "f16" },
  { name: "BF16", bits: 16, element: "bf16" },
  { name: "I32", bits: 32, element: "i32" },
  { name: "U32", bits: 32, element: "i32" },
  { name: "F32", bits: 32, element: "f32" },
  { name: "C64", bits: 64, element: "f32" },
  { name: "F64", bits: 64, element: "f64" },
  { name: "I64", bits: 64, element: "i64" },
  { name: "U64", bits: 64, element: "i64" },
];

export const safetensorsTypes: ReadonlyMap<string, SafetensorsType> = new Map(types.map((type) => [type.name, type]));
