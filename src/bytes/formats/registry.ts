/** Which format reads a file. The name decides first; a file whose name claims nothing is known by its first bytes. */
import { HoldfastError, isFault } from "../../core/errors.ts";
import type { Format, Layout, RangeReader } from "./format.ts";
import { gguf } from "./gguf/gguf.ts";
import { numpy } from "./numpy/numpy.ts";
import { onnx } from "./onnx/onnx.ts";
import { opaqueLayout } from "./opaque.ts";
import { pytorch } from "./pytorch/pytorch.ts";
import { safetensors } from "./safetensors/safetensors.ts";

/** In the order in which their probes are asked. */
const formats: readonly Format[] = [safetensors, gguf, pytorch, numpy, onnx];

/** Bytes of a file's start that a probe may ask for. */
export const probeBytes = 64;

export function claimedFormat(fileName: string): Format | undefined {
  const name = fileName.toLowerCase();
  return formats.find((format) => format.claims(name));
}

/** `head`: the first `probeBytes` bytes, or all of a shorter file. */
export function formatOf(fileName: string, head: Uint8Array): Format | undefined {
  return claimedFormat(fileName) ?? formats.find((format) => format.probe(head));
}

/**
 * Where the tensors of a file lie. A file that does not parse as its name claims throws FORMAT_INVALID or
 * FORMAT_UNSUPPORTED. One that only looked like a format made no claim, and is opaque when it turns out otherwise.
 */
export async function readLayout(fileName: string, file: RangeReader): Promise<Layout> {
  const claimed = claimedFormat(fileName);
  if (claimed) return await layoutAs(claimed, fileName, file);
  const head = await file.read({ start: 0, end: Math.min(probeBytes, file.bytes) });
  const format = formatOf(fileName, head);
  return format ? await layoutIfAny(format, fileName, file) : opaqueLayout;
}

async function layoutAs(format: Format, fileName: string, file: RangeReader): Promise<Layout> {
  try {
    return await format.layout(file, fileName);
  } catch (error) {
    throw isFormatFault(error) ? named(error, format, fileName) : error;
  }
}

async function layoutIfAny(format: Format, fileName: string, file: RangeReader): Promise<Layout> {
  try {
    return await format.layout(file, fileName);
  } catch (error) {
    if (isFormatFault(error)) return opaqueLayout;
    throw error;
  }
}

function isFormatFault(error: unknown): error is HoldfastError {
  return isFault(error, "FORMAT_INVALID", "FORMAT_UNSUPPORTED");
}

function named(error: HoldfastError, format: Format, fileName: string): HoldfastError {
  const options = error.advice === undefined ? { cause: error } : { cause: error, advice: error.advice };
  return new HoldfastError(error.code, `${fileName} as ${format.name}: ${error.message}`, options);
}
