/**
 * Where the bytes of each entry lie. The entries must tile the file from its first byte to the directory, so none can
 * overlap another (a quine, a bomb) and nothing can hide between them. Nothing is ever decompressed.
 */
import { type ByteRange, rangeOf } from "../../../core/range.ts";
import { Cursor } from "../cursor.ts";
import { quote } from "../file-order.ts";
import type { RangeReader } from "../format.ts";
import { invalid } from "../refuse.ts";
import { textOf } from "../text.ts";
import { type DirectoryEntry, readDirectory } from "./directory.ts";
import { fixedBytes, signature, viewOf, widened } from "./records.ts";

const descriptorFlag = 0x0008;
/** CRC and two sizes of 4 or 8 bytes, with or without a signature (APPNOTE 4.3.9). */
const descriptorBytes = [12, 16, 20, 24];
const methodStored = 0;

export interface ArchiveEntry {
  readonly name: string;
  readonly compressed: boolean;
  /** Its bytes in the file, as they are stored. */
  readonly range: ByteRange;
}

/** In the order of their bytes in the file. Errors: FORMAT_INVALID, FORMAT_UNSUPPORTED for an encrypted entry. */
export async function readArchive(file: RangeReader): Promise<readonly ArchiveEntry[]> {
  const directory = await readDirectory(file);
  const entries = [...directory.entries].sort((a, b) => a.localStart - b.localStart);
  const cursor = new Cursor(file);
  const found: ArchiveEntry[] = [];
  for (const [index, entry] of entries.entries()) {
    if (entry.localStart !== cursor.position) throw invalid(`the entry ${quote(entry.name)} begins at byte ${entry.localStart}, not at ${cursor.position}`);
    const start = await readLocalHeader(cursor, entry);
    cursor.skip(entry.storedBytes);
    found.push({ name: entry.name, compressed: entry.method !== methodStored, range: rangeOf(start, entry.storedBytes) });
    skipDescriptor(cursor, entry, entries[index + 1]?.localStart ?? directory.start);
  }
  if (cursor.position !== directory.start) throw invalid(`the entries end at byte ${cursor.position}, the directory begins at ${directory.start}`);
  return found;
}

/** Checks that the local header says what the directory says, and returns where the bytes of the entry begin. */
async function readLocalHeader(cursor: Cursor, entry: DirectoryEntry): Promise<number> {
  if (cursor.lacks(fixedBytes.local)) await cursor.fill(fixedBytes.local);
  const view = viewOf(cursor.view(fixedBytes.local));
  const nameBytes = view.getUint16(26, true);
  const extraBytes = view.getUint16(28, true);
  const [flags, method] = [view.getUint16(6, true), view.getUint16(8, true)];
  const narrow = [view.getUint32(22, true), view.getUint32(18, true)];
  if (view.getUint32(0, true) !== signature.local || flags !== entry.flags || method !== entry.method) throw contradicted(entry);
  if (cursor.lacks(nameBytes + extraBytes)) await cursor.fill(nameBytes + extraBytes);
  if (textOf(cursor.view(nameBytes), "the name of an entry") !== entry.name) throw contradicted(entry);
  refuseOtherSizes(entry, narrow, cursor.view(extraBytes));
  return cursor.position;
}

/** A writer that streams does not know the sizes yet and leaves them 0; they follow the bytes. */
function refuseOtherSizes(entry: DirectoryEntry, narrow: readonly number[], extra: Uint8Array): void {
  const [rawBytes, storedBytes] = widened(narrow, extra);
  const later = (entry.flags & descriptorFlag) !== 0 && rawBytes === 0 && storedBytes === 0;
  if (!later && (rawBytes !== entry.rawBytes || storedBytes !== entry.storedBytes)) throw contradicted(entry);
  if (entry.method === methodStored && entry.rawBytes !== entry.storedBytes)
    throw invalid(`the entry ${quote(entry.name)} is stored in another size than its own`);
}

function skipDescriptor(cursor: Cursor, entry: DirectoryEntry, next: number): void {
  const gap = next - cursor.position;
  if ((entry.flags & descriptorFlag) !== 0 && descriptorBytes.includes(gap)) cursor.skip(gap);
}

function contradicted(entry: DirectoryEntry): Error {
  return invalid(`the entry ${quote(entry.name)} and its header in the archive contradict each other`);
}
