/**
 * HDFS keeps a CRC of every few bytes of a file beside them, which its DataNodes compare with the bytes as they come, and answers with a checksum over those of a whole file
 * without reading it (GETFILECHECKSUM; `FileChecksumHelper` in its sources). The same is made here of the bytes that were sent.
 */
import { createHash } from "node:crypto";
import { isFault } from "../../../core/errors.ts";
import type { Checksums } from "../../../machine/checksums.ts";
import type { Replayable } from "../volume.ts";
import { checksumIn, type KeptChecksum } from "./answers.ts";
import type { Reach } from "./reach.ts";

/** What DataNodes answer where nothing is set: of the CRCs of each block their MD5, and of all of these the MD5. No number of CRCs in a block: there is one block. */
const digestOfDigests = /^MD5-of-([0-9]{1,10})MD5-of-([0-9]{1,6})CRC32C$/;
/** `dfs.checksum.combine.mode=COMPOSITE_CRC`: the CRC of the whole file. */
const composite = "COMPOSITE-CRC32C";
const md5Bytes = 16;

/** Whether HDFS has the bytes of the body under a path; undefined where it does not say, or in a way that is not known here. Throws CANCELLED. */
export async function isKept(reach: Reach, path: string, body: Replayable, signal: AbortSignal): Promise<boolean | undefined> {
  const kept = await ask(reach, path, signal).catch((error: unknown) => {
    if (isFault(error) && error.kind !== "cancelled") return undefined;
    throw error;
  });
  return kept && compare(reach.checksums, kept, body);
}

async function ask(reach: Reach, path: string, signal: AbortSignal): Promise<KeptChecksum | undefined> {
  const redirect = await reach.names.redirect("GET", "GETFILECHECKSUM", path, {}, signal);
  if ("refusal" in redirect) return undefined;
  const url = await reach.dataNodes.admit(redirect.location, signal);
  const { status, text } = await reach.client.request({ method: "GET", url, headers: {} }, signal);
  return status === 200 ? checksumIn(text, `GETFILECHECKSUM ${path} on volume ${reach.volume}`) : undefined;
}

export async function compare(checksums: Checksums, { algorithm, bytes }: KeptChecksum, body: Replayable): Promise<boolean | undefined> {
  if (algorithm === composite) return bytes.length === 4 ? bytes.readUInt32BE() === (await checksums.crc32c(body)) : undefined;
  const [, sumsPerBlock, stepBytes] = (digestOfDigests.exec(algorithm) ?? []).map(Number);
  if (sumsPerBlock === undefined || !stepBytes || bytes.length < md5Bytes) return undefined;
  const sums = await checksums.crc32cOfSteps(body, stepBytes);
  return bytes.subarray(-md5Bytes).equals(digestOf(sums, 4 * sumsPerBlock || sums.length));
}

/** Hadoop digests all of the buffer that it collected the digests of blocks in: 32 bytes, doubled until they fit, with zeros behind them. */
function digestOf(sums: Uint8Array, blockBytes: number): Buffer {
  const blocks = Math.ceil(sums.length / blockBytes);
  let bufferBytes = 2 * md5Bytes;
  while (bufferBytes < blocks * md5Bytes) bufferBytes *= 2;
  const buffer = Buffer.alloc(bufferBytes);
  for (let block = 0; block < blocks; block++) buffer.set(md5(sums.subarray(block * blockBytes, (block + 1) * blockBytes)), block * md5Bytes);
  return md5(buffer);
}

function md5(bytes: Uint8Array): Buffer {
  return createHash("md5").update(bytes).digest();
}
