/** Writes ZIP archives with every field open to lies. */
import { crc32 } from "node:zlib";
import { Bytes } from "./case.ts";

export interface Entry {
  readonly name: string | Uint8Array;
  readonly data: Uint8Array;
  readonly flags?: number;
  readonly method?: number;
  /** What the headers say instead of the truth, in the directory and in front of the bytes. */
  readonly central?: Partial<Stated>;
  readonly local?: Partial<Stated>;
  /** Bytes between the header and the next entry, beside the data. */
  readonly behind?: Uint8Array;
}

interface Stated {
  readonly name: string | Uint8Array;
  readonly flags: number;
  readonly method: number;
  readonly stored: number;
  readonly raw: number;
  readonly start: number;
  readonly extra: Uint8Array;
  readonly signature: number;
}

interface End {
  readonly entries: number;
  readonly entriesHere: number;
  readonly bytes: number;
  readonly start: number;
  readonly disk: number;
  readonly comment: string;
  readonly commentBytes: number;
  readonly signature: number;
}

export interface Archive {
  readonly entries: readonly Entry[];
  readonly before?: Uint8Array;
  readonly between?: Uint8Array;
  /** Bytes behind the last entry of the directory: part of it, or between it and the end record. */
  readonly inDirectory?: Uint8Array;
  readonly behindDirectory?: Uint8Array;
  readonly end?: Partial<End>;
  /** A ZIP64 record and its locator, with these fields instead of the true ones. */
  readonly wide?: Partial<{ entries: bigint; bytes: bigint; start: bigint; size: bigint; at: bigint; signature: number }>;
}

export function archiveOf(archive: Archive): Buffer {
  const local = new Bytes().raw(archive.before ?? Buffer.alloc(0));
  const central = new Bytes();
  for (const entry of archive.entries) {
    writeCentral(central, entry, local.length);
    writeLocal(local, entry);
  }
  const start = local.raw(archive.between ?? Buffer.alloc(0)).length;
  const directory = central.raw(archive.inDirectory ?? Buffer.alloc(0)).done();
  const bytes = new Bytes()
    .raw(local.done())
    .raw(directory)
    .raw(archive.behindDirectory ?? Buffer.alloc(0));
  const truth = { entries: archive.entries.length, bytes: directory.length, start };
  if (archive.wide) writeWide(bytes, archive.wide, truth);
  const comment = archive.end?.comment ?? "";
  const usual = { entriesHere: archive.end?.entries ?? truth.entries, disk: 0, comment, commentBytes: Buffer.from(comment).length, signature: 0x06054b50 };
  writeEnd(bytes, { ...truth, ...usual, ...archive.end });
  return bytes.done();
}

function stated(entry: Entry, said: Partial<Stated> | undefined, signature: number, start: number): Stated {
  const { name, data, flags = 0, method = 0 } = entry;
  return { name, flags, method, stored: data.length, raw: data.length, start, extra: Buffer.alloc(0), signature, ...said };
}

function writeLocal(bytes: Bytes, entry: Entry): void {
  const said = stated(entry, entry.local, 0x04034b50, 0);
  bytes.u32(said.signature).u16(20).u16(said.flags).u16(said.method).u32(0).u32(crc32(entry.data));
  bytes.u32(said.stored).u32(said.raw).u16(Buffer.from(said.name).length).u16(said.extra.length);
  bytes
    .raw(said.name)
    .raw(said.extra)
    .raw(entry.data)
    .raw(entry.behind ?? Buffer.alloc(0));
}

function writeCentral(bytes: Bytes, entry: Entry, start: number): void {
  const said = stated(entry, entry.central, 0x02014b50, start);
  bytes.u32(said.signature).u16(20).u16(20).u16(said.flags).u16(said.method).u32(0).u32(crc32(entry.data));
  bytes.u32(said.stored).u32(said.raw).u16(Buffer.from(said.name).length).u16(said.extra.length).u16(0);
  bytes.u16(0).u16(0).u32(0).u32(said.start).raw(said.name).raw(said.extra);
}

function writeWide(bytes: Bytes, wide: NonNullable<Archive["wide"]>, truth: { entries: number; bytes: number; start: number }): void {
  const at = bytes.length;
  const entries = wide.entries ?? truth.entries;
  bytes
    .u32(wide.signature ?? 0x06064b50)
    .u64(wide.size ?? 44)
    .u16(20)
    .u16(20)
    .u32(0)
    .u32(0);
  bytes
    .u64(entries)
    .u64(entries)
    .u64(wide.bytes ?? truth.bytes)
    .u64(wide.start ?? truth.start);
  bytes
    .u32(0x07064b50)
    .u32(0)
    .u64(wide.at ?? at)
    .u32(1);
}

function writeEnd(bytes: Bytes, end: End): void {
  bytes.u32(end.signature).u16(end.disk).u16(end.disk).u16(end.entriesHere).u16(end.entries);
  bytes.u32(end.bytes).u32(end.start).u16(end.commentBytes).raw(end.comment);
}

/** A ZIP64 extra field of these values. */
export function wideExtra(...values: readonly (number | bigint)[]): Buffer {
  const bytes = new Bytes().u16(1).u16(8 * values.length);
  for (const value of values) bytes.u64(value);
  return bytes.done();
}
