/** Tensors of a version by name, and a safetensors file made of some of them. */
import { writeSafetensorsHeader } from "../../bytes/formats/index.ts";
import type { Element } from "../../core/element.ts";
import { fault } from "../../core/errors.ts";
import { matchesGlob } from "../../core/glob.ts";
import type { FileEntry, Manifest, TensorEntry } from "../../core/manifest.ts";
import { lengthOf } from "../../core/range.ts";
import type { FileRows, Part, Target } from "../transfer/index.ts";

export interface TensorAt {
  readonly file: FileEntry;
  readonly tensor: TensorEntry;
}

/** Tensors whose names fit one of the patterns, in the order of the files. Throws TENSOR_MISSING for a pattern that none fits. */
export function tensorsWanted(manifest: Manifest, patterns: readonly string[]): TensorAt[] {
  const unused = new Set(patterns);
  const wanted: TensorAt[] = [];
  for (const file of manifest.files)
    for (const tensor of file.tensors) {
      const fitting = patterns.filter((pattern) => pattern === tensor.name || matchesGlob(tensor.name, pattern));
      for (const pattern of fitting) unused.delete(pattern);
      if (fitting.length > 0) wanted.push({ file, tensor });
    }
  const [missing] = unused;
  if (missing !== undefined)
    throw fault("TENSOR_MISSING", `no tensor of ${manifest.model} is named ${missing}`, { advice: "See them with `holdfast show --tensors`." });
  return wanted;
}

/** Where a tensor's bytes lie, as one slice. */
export function wholeTensor(tensor: TensorEntry): FileRows {
  const rowBytes = lengthOf(tensor.range);
  return { start: tensor.range.start, rows: 1, rowBytes, stride: rowBytes };
}

/** A tensor as it will be in a new file: its shape there, and the slices of the old file that make it. */
export interface TensorPart extends TensorAt {
  readonly shape: readonly number[];
  readonly slices: readonly FileRows[];
}

/** safetensors' own names of what other formats spell in their way. */
const dtypes: Partial<Record<Element, string>> = {
  bf16: "BF16",
  f16: "F16",
  f32: "F32",
  f64: "F64",
  i8: "I8",
  u8: "U8",
  i16: "I16",
  i32: "I32",
  i64: "I64",
  bool: "BOOL",
};

function dtypeOf({ file, tensor }: TensorAt): string {
  const dtype = file.format === "safetensors" ? tensor.dtype : dtypes[tensor.element];
  if (dtype) return dtype;
  throw fault("FORMAT_UNSUPPORTED", `tensor ${tensor.name} is ${tensor.dtype}, which a safetensors file cannot hold`, {
    advice: `Pull the whole file ${file.path} instead.`,
  });
}

/** A safetensors file with these tensors, in their order. */
export function safetensorsTarget(name: string, parts: readonly TensorPart[], metadata: ReadonlyMap<string, string>): Target {
  const header = writeSafetensorsHeader(
    parts.map((part) => ({ name: part.tensor.name, dtype: dtypeOf(part), shape: part.shape })),
    metadata,
  );
  const data: Part[] = parts.flatMap(({ file, slices }) => slices.filter((slice) => slice.rows * slice.rowBytes > 0).map((slice) => ({ file, slice })));
  const bytes = parts.reduce((sum, part) => sum + sliceBytes(part), header.byteLength);
  return { name, bytes, parts: [{ literal: header }, ...data] };
}

function sliceBytes({ slices }: TensorPart): number {
  return slices.reduce((sum, slice) => sum + slice.rows * slice.rowBytes, 0);
}
