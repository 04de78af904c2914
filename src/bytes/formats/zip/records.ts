/** The fixed parts of a ZIP archive (PKWARE APPNOTE 6.3.10, section 4.3), each read from a view that holds it whole. */
import { invalid } from "../refuse.ts";

export const signature = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 } as const;
export const fixedBytes = { local: 30, central: 46, end: 22, end64: 56, locator64: 20 } as const;
export const saturated16 = 0xffff;
export const saturated32 = 0xffffffff;
const zip64ExtraId = 1;

/** Where the central directory lies and how many entries it has. */
export interface DirectoryPlace {
  readonly entries: number;
  readonly bytes: number;
  readonly start: number;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A u64 that places something in a file. */
export function sizeAt(view: DataView, offset: number): number {
  const value = view.getBigUint64(offset, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid(`the archive states the size ${value}`);
  return Number(value);
}

export function parseEnd(view: DataView): DirectoryPlace {
  if (view.getUint16(4, true) !== 0 || view.getUint16(6, true) !== 0) throw invalid("an archive of several disks");
  if (view.getUint16(8, true) !== view.getUint16(10, true)) throw invalid("the archive counts its entries in two ways");
  if (view.getUint16(20, true) !== 0) throw invalid("the archive has a comment, or something follows it");
  return { entries: view.getUint16(10, true), bytes: view.getUint32(12, true), start: view.getUint32(16, true) };
}

export function parseEnd64(view: DataView): DirectoryPlace {
  if (view.getUint32(16, true) !== 0 || view.getUint32(20, true) !== 0) throw invalid("an archive of several disks");
  if (view.getBigUint64(24, true) !== view.getBigUint64(32, true)) throw invalid("the archive counts its entries in two ways");
  return { entries: sizeAt(view, 32), bytes: sizeAt(view, 40), start: sizeAt(view, 48) };
}

/**
 * The 64-bit values behind those 32-bit ones that are saturated, from the extra field (APPNOTE 4.5.3). `values` in the
 * order in which the extra field has them; those that are not saturated stand as they are.
 */
export function widened(values: readonly number[], extra: Uint8Array): number[] {
  const wanted = values.filter((value) => value === saturated32).length;
  if (wanted === 0) return [...values];
  const field = extraField(extra, zip64ExtraId);
  if (!field || field.length < 8 * wanted) throw invalid("a ZIP64 size is announced and not there");
  const view = viewOf(field);
  let next = 0;
  return values.map((value) => (value === saturated32 ? sizeAt(view, 8 * next++) : value));
}

function extraField(extra: Uint8Array, id: number): Uint8Array | undefined {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (end > extra.length) throw invalid("an extra field of the archive is cut short");
    if (view.getUint16(at, true) === id) return extra.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}
