/** Text in foreign binary headers: tensor names, keys, types. Only valid UTF-8 can go on into manifests and queries. */
import { isUtf8 } from "node:buffer";
import { invalid } from "./refuse.ts";

export function textOf(bytes: Uint8Array, what: string): string {
  if (!isUtf8(bytes)) throw invalid(`${what} is not valid UTF-8`);
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
