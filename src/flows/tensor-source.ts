/** What a tensor is to become: an array in a NumPy file, or bytes as they are. It must fit the tensor that it takes the place of. */
import { open } from "node:fs/promises";
import { type NpyFacts, readNpyFacts } from "../bytes/formats/index.ts";
import { fault } from "../core/errors.ts";
import { lengthOf } from "../core/range.ts";
import type { PatchSource } from "../moves/ingest/index.ts";
import { npyDescrOf, type TensorAt } from "../moves/select/index.ts";

/** Of a file whose name ends in `.npy` the array, of any other all its bytes; or the bytes themselves. */
export type TensorSource = string | Uint8Array;

/** Throws FILE_MISSING, ACCESS_DENIED, FORMAT_INVALID, FORMAT_UNSUPPORTED; ARGUMENT_INVALID where it does not fit. */
export async function fittingSource(source: TensorSource, at: TensorAt): Promise<PatchSource> {
  if (typeof source !== "string") {
    requireBytes(source.byteLength, "what was given", at);
    return { bytes: source };
  }
  await using file = await opened(source);
  const { size } = await file.stat();
  if (!source.toLowerCase().endsWith(".npy")) {
    requireBytes(size, source, at);
    return { path: source, offset: 0 };
  }
  const read = async ({ start, end }: { readonly start: number; readonly end: number }): Promise<Uint8Array> => {
    const { buffer, bytesRead } = await file.read(new Uint8Array(end - start), 0, end - start, start);
    return buffer.subarray(0, bytesRead);
  };
  const facts = await readNpyFacts({ bytes: size, read });
  requireArray(facts, source, at);
  return { path: source, offset: facts.start };
}

async function opened(path: string) {
  try {
    return await open(path, "r");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") throw fault("FILE_MISSING", `${path} is not there`, { cause: error });
    throw fault("ACCESS_DENIED", `${path} cannot be read: ${message}`, { cause: error });
  }
}

function requireBytes(bytes: number, what: string, { tensor }: TensorAt): void {
  const wanted = lengthOf(tensor.range);
  if (bytes === wanted) return;
  throw fault("ARGUMENT_INVALID", `${what} has ${bytes} bytes, tensor ${tensor.name} (${tensor.dtype} [${tensor.shape.join(", ")}]) has ${wanted}`, {
    advice: "Give exactly the bytes of the tensor, or an array of its type and shape in a file that ends in .npy.",
  });
}

function requireArray({ descr, shape, itemBytes, fortranOrder }: NpyFacts, path: string, at: TensorAt): void {
  const { tensor } = at;
  const wanted = npyDescrOf(at);
  const refuse = (why: string, advice: string): never => {
    throw fault("ARGUMENT_INVALID", `${path} does not fit tensor ${tensor.name} (${tensor.dtype} [${tensor.shape.join(", ")}]): ${why}`, { advice });
  };
  if (wanted === undefined) refuse("its blocks are no elements of an array", "Give its bytes as they are.");
  if (shape.length !== tensor.shape.length || shape.some((length, index) => length !== tensor.shape[index]))
    refuse(`the array is [${shape.join(", ")}]`, "Reshape it.");
  if (fortranOrder && shape.length > 1) refuse("the array is column-major", "Save numpy.ascontiguousarray of it.");
  if (descr !== wanted && !isSameBits(descr, itemBytes, wanted as string)) refuse(`its type is ${descr}`, `Save it with .astype or .view as ${wanted}.`);
}

/** Unsigned integers and plain bytes of the same size stand for what NumPy has no type for. */
function isSameBits(descr: string, itemBytes: number, wanted: string): boolean {
  return /^[<|][uV]\d+$/.test(descr) && itemBytes === Number(wanted.slice(2));
}
