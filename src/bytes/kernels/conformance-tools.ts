/** For the conformance suite: bytes from a seed, and the refusal of a call. */
import assert from "node:assert/strict";
import { isFault } from "../../core/errors.ts";
import type { DeltaShape } from "./kernels.ts";
import { byteKinds, type Random, randomFrom } from "./specimens.ts";

export const seed = 20261124;
export const sizes = [0, 1, 7, 8, 15, 16, 17, 31, 33, 64, 127, 1000, 4099];
export const bf16Shape: DeltaShape = { width: 2, exponentShift: 7, exponentMask: 255, top: 122, dropped: 0 };
export const f32Shape: DeltaShape = { width: 4, exponentShift: 23, exponentMask: 255, top: 122, dropped: 0 };

export function bytesLike(kind: keyof typeof byteKinds, length: number, random: Random): Uint8Array {
  const make = byteKinds[kind];
  assert.ok(make, `${kind} is a kind of bytes`);
  return make(length, random);
}

export function randomBytes(length: number, salt: number): Uint8Array {
  return bytesLike("random", length, randomFrom(seed + salt));
}

export function invalid(call: () => unknown): void {
  assert.throws(call, (error) => isFault(error, "ARGUMENT_INVALID"));
}
