/** What the first bytes of a file tell of a ZIP archive: the name of its first entry, or as much of it as they show. */
import { fixedBytes, signature, viewOf } from "./records.ts";

export interface FirstEntry {
  readonly name: string;
  readonly whole: boolean;
}

export function firstEntry(head: Uint8Array): FirstEntry | undefined {
  if (head.length < fixedBytes.local) return undefined;
  const view = viewOf(head);
  if (view.getUint32(0, true) !== signature.local) return undefined;
  const nameEnd = fixedBytes.local + view.getUint16(26, true);
  return { name: Buffer.from(head.subarray(fixedBytes.local, nameEnd)).toString("latin1"), whole: nameEnd <= head.length };
}
