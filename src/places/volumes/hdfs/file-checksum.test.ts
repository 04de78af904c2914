/** The checksums that HDFS may answer with, made by hand. That they are the ones of a real HDFS is shown beside the suite of the driver. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { crc32c } from "../../../bytes/digests/index.ts";
import { directChecksums } from "../../../machine/checksums.ts";
import { sampleBytes } from "../conformance-tools.ts";
import { compare } from "./file-checksum.ts";

const body = sampleBytes(2000);
const md5 = (...parts: readonly Uint8Array[]): Buffer => createHash("md5").update(Buffer.concat(parts)).digest();
const sums = [0, 512, 1024, 1536].map((at) => {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32c(body.subarray(at, Math.min(at + 512, body.length))));
  return sum;
});
const head = Buffer.alloc(12);
const flipped = Buffer.from(body);
flipped[1999] = (flipped[1999] as number) ^ 1;

const kept: readonly (readonly [string, Buffer])[] = [
  ["MD5-of-0MD5-of-512CRC32C", Buffer.concat([head, md5(md5(...sums), Buffer.alloc(16))])],
  ["MD5-of-2MD5-of-512CRC32C", Buffer.concat([head, md5(md5(...sums.slice(0, 2)), md5(...sums.slice(2)))])],
  ["COMPOSITE-CRC32C", Buffer.from(Uint32Array.of(crc32c(body)).buffer).swap32()],
];
for (const [algorithm, bytes] of kept)
  test(`${algorithm} is ours for our bytes, and for no others`, async () => {
    assert.equal(await compare(directChecksums(), { algorithm, bytes }, [body.subarray(0, 700), body.subarray(700)]), true);
    assert.equal(await compare(directChecksums(), { algorithm, bytes }, [flipped]), false);
    assert.equal(await compare(directChecksums(), { algorithm, bytes }, [body.subarray(0, 1536)]), false);
  });

for (const algorithm of ["MD5-of-0MD5-of-512CRC32", "MD5-of-0MD5-of-0CRC32C", "COMPOSITE-CRC32", "MD5", ""])
  test(`${JSON.stringify(algorithm)} says nothing`, async () =>
    assert.equal(await compare(directChecksums(), { algorithm, bytes: Buffer.alloc(28) }, [body]), undefined));
