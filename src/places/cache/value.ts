/**
 * A value as it lies outside the process: a header that says what it is, then the stored bytes. The header guards against what a digest
 * would find only after decoding: another key's value, a form that is no longer the catalog's, half a value.
 *
 *     0  "HFCV"   4  1 (version)   5  encoding   6  0 0   8  raw bytes   12  stored bytes   16  CRC32C of the stored bytes
 *    20  digest, 32 bytes   52  eight zeros   60  CRC32C of the 60 bytes before      (numbers: u32, little endian)
 */
import { crc32c } from "../../bytes/digests/index.ts";
import { type CacheKey, hexOf } from "./key.ts";
import type { StoredForm, Value } from "./tier.ts";

export const valueHeaderBytes = 64;
const [versionAt, encodingAt, rawAt, storedAt, crcAt, digestAt, headerCrcAt] = [4, 5, 8, 12, 16, 20, 60];
const magic = Buffer.from("HFCV", "latin1");

export function valueHeader({ key, form, crc32c: bodyCrc }: Omit<Value, "body">): Buffer {
  const header = Buffer.alloc(valueHeaderBytes);
  magic.copy(header);
  header[versionAt] = 1;
  header[encodingAt] = form.encoding;
  header.writeUInt32LE(form.rawBytes, rawAt);
  header.writeUInt32LE(form.storedBytes, storedAt);
  header.writeUInt32LE(bodyCrc >>> 0, crcAt);
  header.write(hexOf(key), digestAt, "hex");
  header.writeUInt32LE(crc32c(header.subarray(0, headerCrcAt)) >>> 0, headerCrcAt);
  return header;
}

/** The CRC32C of the stored bytes that the header tells; undefined when it is not the header of this key in this form. */
export function bodyCrcOf(header: Uint8Array, key: CacheKey, form: StoredForm): number | undefined {
  if (header.byteLength !== valueHeaderBytes) return undefined;
  const bodyCrc = new DataView(header.buffer, header.byteOffset, valueHeaderBytes).getUint32(crcAt, true);
  return valueHeader({ key, form, crc32c: bodyCrc }).equals(Buffer.from(header)) ? bodyCrc : undefined;
}

/** With its header. */
export function bytesOfValue({ storedBytes }: StoredForm): number {
  return valueHeaderBytes + storedBytes;
}

export function sameForm(a: StoredForm, b: StoredForm): boolean {
  return a.encoding === b.encoding && a.rawBytes === b.rawBytes && a.storedBytes === b.storedBytes;
}
