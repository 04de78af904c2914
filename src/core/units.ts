/** Byte sizes and durations: constants, parsing what people write, printing what people read. */
import { fault } from "./errors.ts";

export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;

// biome-ignore format: a table
const sizeUnits: Record<string, number> = {
  "": 1, B: 1, K: KiB, KB: 1e3, KiB, M: MiB, MB: 1e6, MiB, G: GiB, GB: 1e9, GiB, T: 1024 * GiB, TB: 1e12, TiB: 1024 * GiB,
};

/** Bytes of "64MiB", "4 GB", "512". */
export function parseBytes(text: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,6})?) ?([A-Za-z]{0,3})$/.exec(text.trim());
  const unit = match ? sizeUnits[match[2] ?? ""] : undefined;
  if (!match || unit === undefined) throw fault("ARGUMENT_INVALID", `not a size: ${JSON.stringify(text)} (write 64MiB, 4GB, 512)`);
  return Math.round(Number(match[1]) * unit);
}

const durationUnits: Record<string, number> = { ms: 1, s: 1e3, m: 60e3, h: 3600e3, d: 86400e3 };

/** Milliseconds of "0s", "15m", "24h". */
export function parseDurationMs(text: string): number {
  const match = /^(\d{1,12}(?:\.\d{1,6})?) ?(ms|s|m|h|d)$/.exec(text.trim());
  const unit = match ? durationUnits[match[2] ?? ""] : undefined;
  if (!match || unit === undefined) throw fault("ARGUMENT_INVALID", `not a duration: ${JSON.stringify(text)} (write 0s, 15m, 24h)`);
  return Math.round(Number(match[1]) * unit);
}

/** "1.50 GB": decimal units with three digits, as disks and links are sold. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit === 0) return `${Math.round(value)} B`;
  return `${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`;
}

export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 90) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  return minutes < 90 ? `${minutes} min ${whole % 60} s` : `${(seconds / 3600).toFixed(1)} h`;
}
