/** A share as a bar, in eighths of a character. */
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** Exactly `width` columns; what is not nothing shows at least an eighth. */
export function barOf(share: number, width: number): string {
  const filled = Math.min(1, Math.max(0, share)) * width * 8;
  const units = share > 0 ? Math.max(1, Math.round(filled)) : 0;
  const bar = "█".repeat(Math.floor(units / 8)) + (eighths[units % 8] ?? "");
  return bar.padEnd(width, " ");
}
