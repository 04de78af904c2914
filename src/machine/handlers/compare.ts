/** Whether bytes read back are the bytes that were written. */
import { asBuffer } from "../../bytes/digests/index.ts";
import type { CompareJob } from "../jobs.ts";
import { bytesOf } from "../span.ts";

export function compare(job: CompareJob): boolean {
  const b = asBuffer(bytesOf(job.b));
  let at = 0;
  for (const span of job.a) {
    if (asBuffer(bytesOf(span)).compare(b, at, at + span.length) !== 0) return false;
    at += span.length;
  }
  return at === b.length;
}
