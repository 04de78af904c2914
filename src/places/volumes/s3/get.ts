/** A range of an object, received where it is wanted. */
import { fault } from "../../../core/errors.ts";
import { type ByteRange, lengthOf } from "../../../core/range.ts";
import type { BulkResponse } from "../../../machine/bulk-http/index.ts";
import type { Scatter } from "../volume.ts";
import { failureOf, saysMissing } from "./answer.ts";
import type { S3Api } from "./api.ts";

/** Bytes read: fewer than asked for only where the object ends; undefined where there is no such object. */
export async function getRange(api: S3Api, key: string, range: ByteRange, into: Scatter, what: string, signal: AbortSignal): Promise<number | undefined> {
  const headers = { range: `bytes=${range.start}-${range.end - 1}` };
  const answer = await api.send({ method: "GET", key, headers, into }, signal);
  if (answer.status === 206) return requireRange(answer, range, what);
  if (answer.status === 200) return requireWhole(answer, range, what);
  if (answer.status === 416) return 0; // the object ends before the range begins
  if (saysMissing(answer)) return undefined;
  throw failureOf(answer, what);
}

/** The bytes that came must be the ones that were asked for, and fewer only because there are no more. */
function requireRange({ headers, bodyBytes }: BulkResponse, { start, end }: ByteRange, what: string): number {
  const [, first, last, total] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
  const gotEnd = Number(last) + 1;
  if (Number(first) !== start || gotEnd !== start + bodyBytes) throw wrong(what, "it has another range than was asked for");
  if (gotEnd < end && Number(total) !== gotEnd) throw wrong(what, "it has fewer bytes than were asked for and than there are");
  return bodyBytes;
}

/** A server may answer with the whole object, as long as that is what was asked for. */
function requireWhole({ headers, bodyBytes }: BulkResponse, range: ByteRange, what: string): number {
  if (range.start === 0 && headers.get("content-length") === String(bodyBytes) && bodyBytes <= lengthOf(range)) return bodyBytes;
  if (headers.get("content-length") === "0") return 0;
  throw wrong(what, "it is not the range that was asked for");
}

function wrong(what: string, problem: string): Error {
  return fault("VOLUME_UNREACHABLE", `${what}: the answer cannot be used: ${problem}`, {
    advice: "Check the server behind the volume, and what stands between.",
  });
}
