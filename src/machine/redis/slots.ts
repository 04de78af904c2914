/** The slots of a Redis Cluster: which a key is in, and which node serves each (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec). */
import type { Reply } from "../resp/index.ts";

export const slotCount = 16_384;

/** CRC-16 of XMODEM, a byte at a time. */
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc & 0xffff;
});

export function slotOf(key: string): number {
  let crc = 0;
  for (const byte of Buffer.from(taggedPart(key))) crc = ((crc << 8) & 0xffff) ^ (table[(crc >> 8) ^ byte] as number);
  return crc % slotCount;
}

/** What is between the first braces, if anything is. */
function taggedPart(key: string): string {
  const open = key.indexOf("{");
  const close = open === -1 ? -1 : key.indexOf("}", open + 1);
  return close > open + 1 ? key.slice(open + 1, close) : key;
}

export interface SlotRange {
  readonly first: number;
  readonly last: number;
  /** Empty where the server does not know: then it is the host that was asked. */
  readonly host: string;
  readonly port: number;
}

/** The masters in an answer to CLUSTER SLOTS; undefined for anything else. */
export function rangesIn(reply: Reply): SlotRange[] | undefined {
  if (!Array.isArray(reply)) return undefined;
  const ranges = reply.map(rangeIn);
  return ranges.length > 0 && ranges.every((range) => range !== undefined) ? ranges : undefined;
}

function rangeIn(entry: Reply): SlotRange | undefined {
  const [first, last, master] = Array.isArray(entry) ? entry : [];
  const [host, port] = Array.isArray(master) ? master : [];
  if (!isSlot(first) || !isSlot(last) || first > last) return undefined;
  if (typeof port !== "number" || port < 1 || port > 65_535) return undefined;
  return { first, last, host: typeof host === "string" && host !== "?" ? host : "", port };
}

function isSlot(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < slotCount;
}

/** Where a MOVED or ASK refusal sends the asker; undefined where it cannot be read. */
export function redirectIn(text: string): { readonly host: string; readonly port: number; readonly ask: boolean } | undefined {
  const [, word, host = "", port] = /^(MOVED|ASK) \d{1,5} (.{0,253}):(\d{1,5})$/.exec(text) ?? [];
  if (word === undefined || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port), ask: word === "ASK" };
}
