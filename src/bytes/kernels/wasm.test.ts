import assert from "node:assert/strict";
import { test } from "node:test";
import { isFault } from "../../core/errors.ts";
import { MiB } from "../../core/units.ts";
import { kernelConformance } from "./conformance.ts";
import { Guarded } from "./guarded.ts";
import { openKernels } from "./index.ts";

const scratch = { offset: MiB, bytes: 24 * MiB };
const memory = new WebAssembly.Memory({ initial: 1024, maximum: 1024, shared: true });
const bytes = new Uint8Array(memory.buffer);

kernelConformance("wasm", openKernels(memory, scratch), new Guarded(bytes, 32 * MiB));

function invalid(call: () => unknown): void {
  assert.throws(call, (error) => isFault(error, "ARGUMENT_INVALID"));
}

test("arrays outside the memory, or on the kernels' own tables, are refused", () => {
  const kernels = openKernels(memory, scratch);
  invalid(() => kernels.countBytes(new Uint8Array(100)));
  invalid(() => kernels.countBytes(new Uint8Array(new SharedArrayBuffer(64 * MiB), 33 * MiB, 100)));
  invalid(() => kernels.countBytes(bytes.subarray(MiB + 100, MiB + 200)));
  invalid(() => kernels.countBytes(bytes.subarray(MiB - 100, MiB + 1)));
  kernels.countBytes(bytes.subarray(MiB - 100, MiB));
});

test("another object on the same shared bytes is taken, as workers get them", () => {
  const posted = structuredClone(memory.buffer) as unknown as SharedArrayBuffer;
  assert.notEqual(posted, memory.buffer);
  assert.equal(openKernels(memory, scratch).countBytes(new Uint8Array(posted, 40 * MiB, 16).fill(9))[9], 16);
});

test("a scratch that is too small or not in the memory is refused", () => {
  invalid(() => openKernels(memory, { offset: MiB, bytes: MiB }));
  invalid(() => openKernels(memory, { offset: 60 * MiB, bytes: 24 * MiB }));
  invalid(() => openKernels(memory, { offset: MiB + 1, bytes: 24 * MiB }));
});

test("two instances with their own scratch do not disturb each other", () => {
  const [a, b] = [openKernels(memory, scratch), openKernels(memory, { offset: 40 * MiB, bytes: 8 * MiB })];
  const plane = bytes.subarray(33 * MiB, 33 * MiB + 5000);
  for (const i of plane.keys()) plane[i] = (i * i) % 11;
  const [blockA, blockB] = [bytes.subarray(34 * MiB, 34 * MiB + 5000), bytes.subarray(35 * MiB, 35 * MiB + 5000)];
  const bytesA = a.encodeHuffman(plane, blockA);
  assert.equal(b.encodeHuffman(plane.subarray(0, 4000), blockB) > 0, true);
  const back = bytes.subarray(36 * MiB, 36 * MiB + 5000);
  assert.ok(a.decodeHuffman(blockA.subarray(0, bytesA), back));
  assert.deepEqual(back, plane);
});
