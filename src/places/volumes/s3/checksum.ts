/** CRC32C as S3 writes it ("Checking object integrity"): big-endian in base64; of an object in parts, of the checksums of the parts with their number. */
import { crc32c } from "../../../bytes/digests/index.ts";

export const checksumHeader = "x-amz-checksum-crc32c";

export function checksumText(value: number): string {
  return bytesOf(value).toString("base64");
}

export function compositeText(parts: readonly number[]): string {
  return `${checksumText(crc32c(Buffer.concat(parts.map(bytesOf))))}-${parts.length}`;
}

function bytesOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
