/** Loaded tensors as programs want them: the bytes, and where the machine has a number type for them, a view of that type. */
import type { Element } from "../core/element.ts";
import type { LoadedTensor } from "../flows/load-tensors.ts";

export type TensorData = Float32Array | Float64Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Int32Array | BigInt64Array;

export interface Tensor {
  readonly name: string;
  /** Path of the file that has it. */
  readonly file: string;
  /** As the format spells it: `BF16`, `Q4_K`, `<f4`. */
  readonly dtype: string;
  readonly element: Element;
  /** Row-major, outermost first. */
  readonly shape: readonly number[];
  /** The bytes as they were pushed, in memory that threads can share. */
  readonly bytes: Uint8Array;
  /** The same memory as numbers. `bf16` and `f16` are raw `Uint16Array`; `f8`, `bool` and the GGUF blocks are raw `Uint8Array`. */
  readonly data: TensorData;
}

/** By name; one that another file has too is under `file:name`. */
export type TensorMap = ReadonlyMap<string, Tensor>;

type View = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => TensorData;

const views: Partial<Record<Element, View & { readonly BYTES_PER_ELEMENT: number }>> = {
  f32: Float32Array,
  f64: Float64Array,
  bf16: Uint16Array,
  f16: Uint16Array,
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  i64: BigInt64Array,
};

export function tensorMap(loaded: readonly LoadedTensor[]): TensorMap {
  const map = new Map<string, Tensor>();
  for (const tensor of loaded) map.set(map.has(tensor.name) ? `${tensor.file}:${tensor.name}` : tensor.name, { ...tensor, data: dataOf(tensor) });
  return map;
}

function dataOf({ element, bytes }: LoadedTensor): TensorData {
  const View = views[element] ?? Uint8Array;
  return new View(bytes.buffer, bytes.byteOffset, Math.floor(bytes.byteLength / View.BYTES_PER_ELEMENT));
}
