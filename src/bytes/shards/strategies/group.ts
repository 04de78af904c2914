/** A group from a key: the same on every machine, and with even shares over many keys. */
import { asBuffer, blake3 } from "../../digests/index.ts";

/** 48 bits of BLAKE3 are a whole number in JavaScript, and the remainder of so many is even over any count of groups. */
export function groupOfKey(parts: readonly (string | number)[], groups: number): number {
  return asBuffer(blake3(Buffer.from(parts.join("\0")))).readUIntLE(0, 6) % groups;
}
