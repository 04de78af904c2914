/**
 * The three digests: BLAKE3-256 names content, CRC32C guards frames on disks and wires, SHA-256 is what other systems
 * ask of whole files. All take views on shared memory without a copy.
 */
import { createHash, type Hash } from "node:crypto";
import { blake3 as nativeBlake3 } from "@napi-rs/blake-hash";
import { crc32c as nativeCrc32c } from "@node-rs/crc32";
import { type Digest, digestFromBytes } from "../../core/digest.ts";

/** 32 bytes. The native function takes any Uint8Array, its types ask for a Buffer. */
export function blake3(bytes: Uint8Array): Uint8Array {
  return nativeBlake3(asBuffer(bytes));
}

export function blake3Digest(bytes: Uint8Array): Digest {
  return digestFromBytes(blake3(bytes));
}

export function crc32c(bytes: Uint8Array, before = 0): number {
  return nativeCrc32c(bytes, before);
}

export function startSha256(): Hash {
  return createHash("sha256");
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}
