/**
 * PyTorch archives as `torch.save` has written them since 1.6: a ZIP with a pickle and one stored entry for each storage.
 * The storages are found without the pickle, which is never read: what dtype and shape a storage serves is not known
 * here, but its bytes can be shared, compared and coded. A storage is named by its entry.
 */
import type { TensorEntry } from "../../../core/manifest.ts";
import { lengthOf } from "../../../core/range.ts";
import { inFileOrder } from "../file-order.ts";
import type { Format, RangeReader } from "../format.ts";
import { readWithin } from "../range-reader.ts";
import { invalid, unsupported } from "../refuse.ts";
import { type ArchiveEntry, readArchive } from "../zip/archive.ts";
import { firstEntry } from "../zip/first-entry.ts";

const pickleSuffix = "/data.pkl";
const extensions = [".pt", ".pth", ".ckpt"];
const noExternal: ReadonlyMap<string, never> = new Map<string, never>();

async function readStorages(file: RangeReader): Promise<readonly TensorEntry[]> {
  await refusePickle(file);
  const entries = await readArchive(file);
  const folder = `${rootOf(entries)}/data/`;
  const storages = entries.filter(({ name, compressed }) => !compressed && name.startsWith(folder) && !name.includes("/", folder.length));
  return inFileOrder(storages.map(storageOf), file.bytes);
}

/** Before 1.6 the file was one pickle with the storages behind it; only unpickling tells where. */
async function refusePickle(file: RangeReader): Promise<void> {
  const [first, protocol = 0] = await readWithin(file, { start: 0, end: 2 }, "its first bytes");
  if (first === 0x80 && protocol >= 2 && protocol <= 5)
    throw unsupported("a bare pickle, which is not read; torch.save of PyTorch 1.6 or later writes an archive");
}

function rootOf(entries: readonly ArchiveEntry[]): string {
  const roots = entries.flatMap(({ name }) => (name.indexOf("/") === name.length - pickleSuffix.length && name.endsWith(pickleSuffix) ? [name] : []));
  const [only] = roots;
  if (only === undefined || roots.length > 1) throw invalid(`an archive with ${roots.length} entries that end in ${pickleSuffix}`);
  return only.slice(0, -pickleSuffix.length);
}

function storageOf({ name, range }: ArchiveEntry): TensorEntry {
  return { name, dtype: "storage", element: "unknown", shape: [lengthOf(range)], range };
}

export const pytorch: Format = {
  name: "pytorch",
  claims: (fileName) => extensions.some((extension) => fileName.endsWith(extension)),
  /** torch.save writes the pickle first, TorchScript a storage. A name that the head shows only in part may be either. */
  probe: (head) => {
    const first = firstEntry(head);
    return first !== undefined && (!first.whole || first.name.endsWith(pickleSuffix) || first.name.includes("/data/"));
  },
  layout: async (file) => ({ format: "pytorch", tensors: await readStorages(file), external: noExternal }),
};
