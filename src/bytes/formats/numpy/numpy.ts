/** NumPy: `.npy` is one array, `.npz` a ZIP archive of them. Compressed entries, records and pickled objects stay plain bytes. */
import { isFault } from "../../../core/errors.ts";
import type { TensorEntry } from "../../../core/manifest.ts";
import { inFileOrder } from "../file-order.ts";
import type { Format, RangeReader } from "../format.ts";
import { type ArchiveEntry, readArchive } from "../zip/archive.ts";
import { firstEntry } from "../zip/first-entry.ts";
import { arrayMagic, readArray } from "./array.ts";

const suffix = ".npy";
const archiveSuffix = ".npz";
const noExternal: ReadonlyMap<string, never> = new Map<string, never>();

async function readArrays(file: RangeReader, fileName: string): Promise<readonly TensorEntry[]> {
  const head = await file.read({ start: 0, end: Math.min(arrayMagic.length, file.bytes) });
  const single = arrayMagic.equals(head) || fileName.toLowerCase().endsWith(suffix);
  return single ? [await readArray(file, { start: 0, end: file.bytes }, nameOf(fileName))] : await readArchived(file);
}

async function readArchived(file: RangeReader): Promise<readonly TensorEntry[]> {
  const tensors: TensorEntry[] = [];
  for (const entry of await readArchive(file)) {
    const tensor = entry.compressed || !entry.name.endsWith(suffix) ? undefined : await readPlain(file, entry);
    if (tensor) tensors.push(tensor);
  }
  return inFileOrder(tensors, file.bytes);
}

/** One array of a kind that is not read does not make the others unreadable. */
async function readPlain(file: RangeReader, entry: ArchiveEntry): Promise<TensorEntry | undefined> {
  try {
    return await readArray(file, entry.range, nameOf(entry.name));
  } catch (error) {
    if (isFault(error, "FORMAT_UNSUPPORTED")) return undefined;
    throw error;
  }
}

function nameOf(fileName: string): string {
  return fileName.endsWith(suffix) ? fileName.slice(0, -suffix.length) : fileName;
}

function holdsArrays(head: Uint8Array): boolean {
  const first = firstEntry(head);
  return first !== undefined && (!first.whole || first.name.endsWith(suffix));
}

export const numpy: Format = {
  name: "numpy",
  claims: (fileName) => fileName.endsWith(suffix) || fileName.endsWith(archiveSuffix),
  probe: (head) => arrayMagic.equals(head.subarray(0, arrayMagic.length)) || holdsArrays(head),
  layout: async (file, fileName) => ({ format: "numpy", tensors: await readArrays(file, fileName), external: noExternal }),
};
