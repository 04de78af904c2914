/**
 * The kernels: everything that works on weight bytes one by one, as WebAssembly on the shared memory, with a plain
 * TypeScript twin that is the oracle of its tests and can stand in for it. What the bytes mean is left to the codecs.
 */
import { checked } from "./face.ts";
import type { Kernels, Scratch } from "./kernels.ts";
import { wasmKernels } from "./wasm.ts";
import { divideScratch } from "./workspace.ts";

export type { DeltaShape, Kernels, Planes4, Scratch } from "./kernels.ts";
export { divideScratch } from "./workspace.ts";

/**
 * Kernels on a shared memory of at most 4 GiB. `scratch` (its offset a multiple of 16, at least 7.1 MiB: `divideScratch`)
 * belongs to the calling thread and, from now on, to its kernels: they keep tables in it. Throws ARGUMENT_INVALID for a scratch that does not fit, FILE_MISSING when they are not built.
 */
export function openKernels(memory: WebAssembly.Memory, scratch: Scratch): Kernels {
  return checked(wasmKernels(memory, divideScratch(scratch).workspace));
}
