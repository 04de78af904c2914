/** Small words that results are told with. */
import { formatBytes } from "../../core/units.ts";

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** As much of a version id as people compare. */
export function short(version: string): string {
  return version.slice(0, 12);
}

export function percent(share: number): string {
  const value = share * 100;
  return `${value === 0 || value === 100 || value >= 10 ? Math.round(value) : value.toFixed(1)} %`;
}

export function rate(bytes: number, seconds: number): string {
  return seconds > 0 && bytes > 0 ? ` (${formatBytes(bytes / seconds)}/s)` : "";
}

/** Local time to the minute. */
export function at(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function lines(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== false && part !== "").join("\n");
}
