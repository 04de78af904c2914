/** Digests as branded lower-case hex, and as bytes. BLAKE3-256 names chunks and objects; SHA-256 is what other systems ask of a file. */
import { fault } from "./errors.ts";

declare const brand: unique symbol;
export type Digest = string & { readonly [brand]: "digest" };
export type ChunkId = Digest;

export const digestBytes = 32;
const hex64 = /^[0-9a-f]{64}$/;

export function parseDigest(text: string): Digest {
  if (!hex64.test(text)) throw fault("ARGUMENT_INVALID", `not a 256-bit digest: ${JSON.stringify(text.slice(0, 80))}`);
  return text as Digest;
}

export function digestFromBytes(bytes: Uint8Array): Digest {
  return Buffer.from(bytes.buffer, bytes.byteOffset, digestBytes).toString("hex") as Digest;
}

export function digestToBytes(digest: Digest): Uint8Array {
  return Buffer.from(digest, "hex");
}
