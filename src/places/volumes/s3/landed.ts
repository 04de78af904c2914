/** What lies under a key, asked of the server after a write: whether it is what was sent. */
import { fault } from "../../../core/errors.ts";
import type { BulkResponse } from "../../../machine/bulk-http/index.ts";
import type { Evidence } from "../volume.ts";
import { failureOf } from "./answer.ts";
import type { S3Api } from "./api.ts";
import { checksumHeader } from "./checksum.ts";

export interface Sent {
  /** In the bucket. */
  readonly key: string;
  readonly bytes: number;
  /** As S3 writes it. */
  readonly checksum: string;
  /** For messages: "put shard/… on volume a". */
  readonly what: string;
}

type Found = "same" | "other" | "missing";

interface Look {
  readonly found: Found;
  /** Whether the server keeps the very checksum that was sent. */
  readonly checksum: boolean;
}

/** Asks for the head of an object; undefined where there is none. */
export async function headOf(api: S3Api, key: string, what: string, signal: AbortSignal): Promise<BulkResponse | undefined> {
  const answer = await api.send({ method: "HEAD", key, headers: { "x-amz-checksum-mode": "ENABLED" } }, signal);
  if (answer.status === 200) return answer;
  if (answer.status === 404) return undefined;
  throw failureOf(answer, what);
}

/** Throws VOLUME_UNREACHABLE for a head without a length. */
export function bytesIn(head: BulkResponse, what: string): number {
  const length = head.headers.get("content-length") ?? "";
  if (!/^\d{1,15}$/.test(length)) throw fault("VOLUME_UNREACHABLE", `${what}: the answer does not say how long the object is`);
  return Number(length);
}

export async function look(api: S3Api, { key, bytes, checksum, what }: Sent, signal: AbortSignal): Promise<Look> {
  const head = await headOf(api, key, what, signal);
  if (!head) return { found: "missing", checksum: false };
  const kept = head.headers.get(checksumHeader);
  return { found: bytesIn(head, what) === bytes && !isAnother(kept, checksum) ? "same" : "other", checksum: kept === checksum };
}

/** A server that keeps no checksum, or one of another kind, gives none to compare: that says nothing. */
function isAnother(kept: string | undefined, checksum: string): boolean {
  return kept !== undefined && kept !== checksum && kept.includes("-") === checksum.includes("-");
}

/**
 * After a success: what was published must be what was sent. Some servers publish what came before a connection broke. What is not is removed,
 * being ours, and the write has failed: VOLUME_UNREACHABLE, so that it is tried again.
 */
export async function requireLanded(api: S3Api, sent: Sent, signal: AbortSignal): Promise<Evidence> {
  const { found, checksum } = await look(api, sent, signal);
  if (found === "same") return checksum ? "checksum" : "none";
  if (found === "other") await api.send({ method: "DELETE", key: sent.key }, signal);
  throw fault(
    "VOLUME_UNREACHABLE",
    `${sent.what}: it was accepted, and then ${found === "other" ? "other bytes were there, which are removed" : "it was not there"}`,
    {
      advice: "Check the server behind the volume, and what stands between.",
    },
  );
}
