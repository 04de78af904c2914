/** Chunks out of a window into memory that outlives it. */
import { crc32c } from "../../bytes/digests/index.ts";
import type { CopyOutJob } from "../jobs.ts";
import { bytesOf } from "../span.ts";
import type { Desk } from "./desk.ts";
import { collectRows } from "./rows.ts";

export function copyOut(desk: Desk, job: CopyOutJob): (number | undefined)[] {
  return job.chunks.map(({ from, copies, to, sum }) => {
    const [source, target] = [bytesOf(from), bytesOf(to)];
    target.set(copies ? collectRows(desk, source, copies, target.length) : source);
    return sum ? crc32c(target) : undefined;
  });
}
