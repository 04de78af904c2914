/** One line about what is going on, as wide as there is room. */

import { formatBytes, formatSeconds } from "../../../core/units.ts";
import type { ProgressEvent } from "../../../index.ts";
import { barOf } from "./bar.ts";
import { shorten, widthOf } from "./screen.ts";

const barColumnsMax = 24;
const barColumnsMin = 6;

/** Without `columns` all of it, and no bar. Parts are left out from the least to the most needed until the rest fits; a step without a measure has no bar. */
export function progressLine({ step, bytes, total }: ProgressEvent, bytesPerSecond: number | undefined, columns: number | undefined): string {
  const share = total > 0 ? bytes / total : undefined;
  const rate = bytesPerSecond !== undefined && bytesPerSecond > 0 ? `${formatBytes(bytesPerSecond)}/s` : undefined;
  const left = share !== undefined && rate && bytesPerSecond ? `${formatSeconds((total - bytes) / bytesPerSecond)} left` : undefined;
  const amount = share !== undefined ? `${formatBytes(bytes)} of ${formatBytes(total)}` : bytes > 0 ? formatBytes(bytes) : undefined;
  const percent = share !== undefined ? `${Math.floor(share * 100)} %`.padStart(5) : undefined;
  const shapes = [[step, percent, amount, rate, left], [step, percent, rate, left], [step, percent, rate], [step, percent], [step]];
  for (const shape of shapes) {
    const parts = shape.filter((part) => part !== undefined);
    if (columns === undefined) return parts.join("  ").replace(/ {3,}/, "  ");
    const room = columns - widthOf(parts.join("  ")) - 4;
    if (share !== undefined && parts.length > 1 && room >= barColumnsMin) parts.splice(1, 0, `▕${barOf(share, Math.min(barColumnsMax, room))}▏`);
    const line = parts.join("  ");
    if (widthOf(line) <= columns) return line;
  }
  return shorten(step, columns ?? widthOf(step));
}
