/**
 * A large object in parts, side by side, which the server puts together at the end. A part that does not get through is sent again by itself: the
 * whole object again would cost many times as much. What does not come to an end is aborted, or its parts would stay and cost for ever.
 */
import { fault, throwIfCancelled } from "../../../core/errors.ts";
import { MiB } from "../../../core/units.ts";
import { inOwnTime, ownMs } from "../own-time.ts";
import type { Evidence, Replayable } from "../volume.ts";
import { failureOf } from "./answer.ts";
import type { S3Api } from "./api.ts";
import { checksumHeader, checksumText } from "./checksum.ts";
import { afterGrace } from "./grace.ts";
import { requireLanded, type Sent } from "./landed.ts";
import { inParallel } from "./parallel.ts";
import { publish } from "./publish.ts";
import { escapeXml, parseXml, textIn } from "./xml.ts";

export interface Part {
  readonly body: Replayable;
  readonly crc32c: number;
}

const partsMax = 10_000;
const atOnce = 4;
const abortsMax = 4;
const abortPauseMs = 50;

/** Parts of one length but the last, so many that S3 takes them. */
export function partBytesFor(bytes: number, partBytes: number): number {
  return Math.max(partBytes, Math.ceil(bytes / partsMax / MiB) * MiB);
}

export async function putParts(
  api: S3Api,
  sent: Sent,
  parts: readonly Part[],
  guard: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Evidence> {
  const upload: Upload = { api, sent, id: await start(api, sent, signal) };
  try {
    const tags = new Map<number, string>();
    await inParallel(parts.entries(), atOnce, signal, async ([index, part], joined) => {
      tags.set(index, await sendPart(upload, index + 1, part, joined));
    });
    throwIfCancelled(signal);
    await complete(upload, manifestOf(parts, tags), guard, signal);
  } catch (error) {
    await abort(upload);
    throw error;
  }
  return requireLanded(api, sent, signal);
}

interface Upload {
  readonly api: S3Api;
  readonly sent: Sent;
  readonly id: string;
}

/** Not ended at once by a cancellation: an upload whose id nobody heard could not be aborted. */
async function start(api: S3Api, { key, what }: Sent, signal: AbortSignal): Promise<string> {
  const headers = { "x-amz-checksum-algorithm": "CRC32C" };
  using grace = afterGrace(api.world, signal, ownMs);
  const answer = await api.send({ method: "POST", key, query: { uploads: "" }, headers }, grace.signal);
  if (answer.status !== 200) throw failureOf(answer, what);
  const id = textIn(parseXml(answer.text), "UploadId");
  if (!id) throw fault("VOLUME_UNREACHABLE", `${what}: the answer has no upload id`);
  return id;
}

/**
 * Returns the tag that the server gave it. What is on its way is not ended at once by a cancellation: a part that the server has whole may be
 * put down after the upload was aborted, and some (versitygw 1.8) bring the upload back with it.
 */
async function sendPart({ api, sent, id }: Upload, number: number, { body, crc32c }: Part, signal: AbortSignal): Promise<string> {
  throwIfCancelled(signal);
  const what = `${sent.what}, part ${number}`;
  const query = { partNumber: String(number), uploadId: id };
  const headers = { [checksumHeader]: checksumText(crc32c) };
  using grace = afterGrace(api.world, signal, ownMs);
  const answer = await api.send({ method: "PUT", key: sent.key, query, headers, body: { bulk: body } }, grace.signal);
  const tag = answer.headers.get("etag");
  if (answer.status !== 200) throw failureOf(answer, what);
  if (!tag) throw fault("VOLUME_UNREACHABLE", `${what}: the answer has no ETag`);
  return tag;
}

function manifestOf(parts: readonly Part[], tags: ReadonlyMap<number, string>): Buffer {
  const lines = parts.map(({ crc32c }, index) => {
    const tag = escapeXml(tags.get(index) ?? "");
    return `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag><ChecksumCRC32C>${checksumText(crc32c)}</ChecksumCRC32C></Part>`;
  });
  return Buffer.from(`<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${lines.join("")}</CompleteMultipartUpload>`);
}

async function complete({ api, sent, id }: Upload, document: Buffer, guard: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
  const headers = { "content-type": "application/xml", ...guard };
  const request = { method: "POST", key: sent.key, query: { uploadId: id }, headers, body: { document } } as const;
  await publish(api, sent, () => api.sendOnce(request, signal), signal);
}

/**
 * Always tried, also after a cancellation. A part that the server was still taking may outlive one abort ("AbortMultipartUpload"), so it is
 * looked at and tried again; what is left in spite of that a sweep finds.
 */
async function abort({ api, sent, id }: Upload): Promise<void> {
  const query = { uploadId: id };
  await inOwnTime(api.world, async (signal) => {
    for (let turn = 1; turn <= abortsMax; turn++) {
      await api.send({ method: "DELETE", key: sent.key, query }, signal);
      const { status } = await api.send({ method: "GET", key: sent.key, query }, signal);
      if (status === 404) return;
      await api.world.sleep(abortPauseMs * turn, signal);
    }
  });
}
