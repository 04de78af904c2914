/** Regions whose chunk boundaries lie in the content, before and after they are found. */
import { fault } from "../../core/errors.ts";
import type { ContentRun, EvenRun, Run, TiledRun } from "../../core/manifest.ts";

/** Bytes to be cut by content: headers, gaps, files without tensors. */
export interface ContentRegion {
  readonly kind: "content-to-cut";
  readonly start: number;
  readonly bytes: number;
}

export type PlannedRun = EvenRun | TiledRun | ContentRegion;

/** The runs of a file once the chunk lengths of each region are known. Throws ARGUMENT_INVALID when they do not fill their region. */
export function withContent(planned: readonly PlannedRun[], lengthsOf: (region: ContentRegion) => readonly number[]): Run[] {
  return planned.map((run) => (run.kind === "content-to-cut" ? cutRun(run, lengthsOf(run)) : run));
}

function cutRun({ start, bytes }: ContentRegion, lengths: readonly number[]): ContentRun {
  const sum = lengths.reduce((total, length) => total + length, 0);
  if (sum !== bytes) throw fault("ARGUMENT_INVALID", `chunks of ${sum} bytes were cut from a region of ${bytes}`);
  return { kind: "content", start, bytes, lengths, element: "unknown" };
}
