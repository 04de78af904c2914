/** What the bytes of a tensor are made of: the hint that a codec starts from. `unknown` lets the codec find out by sampling. */
// biome-ignore format: a table
export const elements = [
  "bf16", "f16", "f32", "f64", "f8", "i8", "u8", "i16", "i32", "i64", "bool",
  "q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q2_k", "q3_k", "q4_k", "q5_k", "q6_k",
  "text", "unknown",
] as const;
export type Element = (typeof elements)[number];

/** Bytes of one element, or of one block for the GGUF block types; 1 where there is no inner structure. */
// biome-ignore format: a table
export const elementBytes: Readonly<Record<Element, number>> = {
  bf16: 2, f16: 2, f32: 4, f64: 8, f8: 1, i8: 1, u8: 1, i16: 2, i32: 4, i64: 8, bool: 1,
  q4_0: 18, q4_1: 20, q5_0: 22, q5_1: 24, q8_0: 34, q2_k: 84, q3_k: 110, q4_k: 144, q5_k: 176, q6_k: 210,
  text: 1, unknown: 1,
};
