/**
 * The central directory of a ZIP archive, read strictly: the end record is the last thing in the file, without comment;
 * everything before it lies where it says; 32- and 64-bit statements agree. Archives of models are written by two or
 * three libraries that all keep to this, and every doubt here is a way to show two readers two different archives.
 */
import { limits } from "../../../core/limits.ts";
import { rangeOf } from "../../../core/range.ts";
import { quote } from "../file-order.ts";
import type { RangeReader } from "../format.ts";
import { readWithin } from "../range-reader.ts";
import { invalid, unsupported } from "../refuse.ts";
import { textOf } from "../text.ts";
import { type DirectoryPlace, fixedBytes, parseEnd, parseEnd64, saturated16, saturated32, signature, sizeAt, viewOf, widened } from "./records.ts";

const encryptedFlags = 0x0001 | 0x0040 | 0x2000;

/** One entry as the central directory has it. */
export interface DirectoryEntry {
  readonly name: string;
  readonly flags: number;
  /** 0 is stored, everything else some compression. */
  readonly method: number;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly localStart: number;
}

export interface Directory {
  readonly entries: readonly DirectoryEntry[];
  /** Where the entries end and the directory begins. */
  readonly start: number;
}

export async function readDirectory(file: RangeReader): Promise<Directory> {
  const place = await findDirectory(file);
  if (place.bytes > limits.headerBytesMax) throw invalid(`a directory of ${place.bytes} bytes; at most ${limits.headerBytesMax} are read`);
  if (place.entries > limits.tensorsMax) throw invalid(`${place.entries} entries; at most ${limits.tensorsMax} are read`);
  if (place.entries * fixedBytes.central > place.bytes) throw invalid(`${place.entries} entries in a directory of ${place.bytes} bytes`);
  const bytes = await readWithin(file, rangeOf(place.start, place.bytes), "its directory");
  return { entries: parseEntries(bytes, place.entries), start: place.start };
}

async function findDirectory(file: RangeReader): Promise<DirectoryPlace> {
  const endStart = file.bytes - fixedBytes.end;
  if (endStart < 0) throw invalid("too short for an archive");
  const end = viewOf(await readWithin(file, rangeOf(endStart, fixedBytes.end), "its end record"));
  if (end.getUint32(0, true) !== signature.end) throw invalid("no archive: the file does not end with an end record");
  const place = parseEnd(end);
  const wide = await findWideDirectory(file, endStart);
  if (wide) return agreeing(place, wide.place, wide.start);
  if (place.entries === saturated16 || place.bytes === saturated32 || place.start === saturated32) throw invalid("a ZIP64 record is announced and not there");
  return endingAt(place, endStart);
}

async function findWideDirectory(file: RangeReader, endStart: number): Promise<{ place: DirectoryPlace; start: number } | undefined> {
  const locatorStart = endStart - fixedBytes.locator64;
  if (locatorStart < 0) return undefined;
  const locator = viewOf(await file.read(rangeOf(locatorStart, fixedBytes.locator64)));
  if (locator.getUint32(0, true) !== signature.locator64) return undefined;
  const start = sizeAt(locator, 8);
  const record = viewOf(await readWithin(file, rangeOf(start, fixedBytes.end64), "its ZIP64 record"));
  if (record.getUint32(0, true) !== signature.end64) throw invalid("there is no ZIP64 record where its locator points");
  if (start + 12 + sizeAt(record, 4) !== locatorStart) throw invalid("the ZIP64 record does not end at its locator");
  return { place: parseEnd64(record), start };
}

/** The 64-bit statement, where the 32-bit one says the same or says nothing. */
function agreeing(narrow: DirectoryPlace, wide: DirectoryPlace, end: number): DirectoryPlace {
  const entries = narrow.entries === saturated16 || narrow.entries === wide.entries;
  const bytes = narrow.bytes === saturated32 || narrow.bytes === wide.bytes;
  const start = narrow.start === saturated32 || narrow.start === wide.start;
  if (!entries || !bytes || !start) throw invalid("the end record and the ZIP64 record contradict each other");
  return endingAt(wide, end);
}

function endingAt(place: DirectoryPlace, end: number): DirectoryPlace {
  if (place.start + place.bytes !== end) throw invalid(`the directory ends at byte ${place.start + place.bytes}, its end record begins at ${end}`);
  return place;
}

function parseEntries(bytes: Uint8Array, count: number): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  const names = new Set<string>();
  let at = 0;
  for (let index = 0; index < count; index++) {
    const { entry, end } = parseEntry(bytes, at);
    if (names.has(entry.name)) throw invalid(`two entries are named ${quote(entry.name)}`);
    names.add(entry.name);
    entries.push(entry);
    at = end;
  }
  if (at !== bytes.length) throw invalid("something follows the entries of the directory");
  return entries;
}

function parseEntry(bytes: Uint8Array, at: number): { entry: DirectoryEntry; end: number } {
  const nameStart = at + fixedBytes.central;
  if (nameStart > bytes.length) throw invalid("the directory is cut short");
  const view = viewOf(bytes.subarray(at, nameStart));
  if (view.getUint32(0, true) !== signature.central) throw invalid("the directory has something between its entries");
  const extraStart = nameStart + view.getUint16(28, true);
  const extraEnd = extraStart + view.getUint16(30, true);
  const end = extraEnd + view.getUint16(32, true);
  if (end > bytes.length) throw invalid("the directory is cut short");
  const narrow = [view.getUint32(24, true), view.getUint32(20, true), view.getUint32(42, true)];
  const [rawBytes = 0, storedBytes = 0, localStart = 0] = widened(narrow, bytes.subarray(extraStart, extraEnd));
  const name = safeName(bytes.subarray(nameStart, extraStart));
  const flags = view.getUint16(8, true);
  if (flags & encryptedFlags) throw unsupported(`the entry ${quote(name)} is encrypted`);
  return { entry: { name, flags, method: view.getUint16(10, true), storedBytes, rawBytes, localStart }, end };
}

function safeName(bytes: Uint8Array): string {
  const name = textOf(bytes, "the name of an entry");
  const leaves = name.startsWith("/") || /[\0\\]/.test(name) || name.split("/").includes("..");
  if (name === "" || name.length > limits.tensorNameBytesMax || leaves) throw invalid(`${quote(name)} cannot be the name of an entry`);
  return name;
}
