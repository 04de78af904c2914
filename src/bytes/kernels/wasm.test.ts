import assert from "node:assert/strict";
import { test } from "node:test";
import { isFault } from "../../core/errors.ts";
import { MiB } from "../../core/units.ts";
import { kernelConformance } from "./conformance.ts";
import { bf16Shape, f32Shape } from "./conformance-tools.ts";
import { Guarded } from "./guarded.ts";
import { openKernels } from "./index.ts";
import { byteKinds, randomFrom } from "./specimens.ts";

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

test("nothing is read behind stored bytes: they may end where the memory does", () => {
  const kernels = openKernels(memory, scratch);
  const atEnd = (content: Uint8Array): Uint8Array => {
    const view = bytes.subarray(bytes.length - content.length);
    view.set(content);
    return view;
  };
  const room = (index: number, length: number): Uint8Array => bytes.subarray((32 + index) * MiB, (32 + index) * MiB + length);
  for (const [kind, make] of Object.entries(byteKinds)) {
    for (let length = 4; length < 3000; length += 1 + (length >> 3)) {
      const [plane, out, back] = [room(0, length), room(1, length + 300), room(2, length)];
      plane.set(make(length, randomFrom(length)));
      const written = kernels.encodeHuffman(plane, out);
      if (written > 0) assert.ok(kernels.decodeHuffman(atEnd(out.slice(0, written)), back), `${kind} of ${length}`);
      if (written > 0) kernels.decodeHuffman(atEnd(out.slice(0, written - 1 - (written >> 2))), back);
    }
  }
  for (let elements = 8; elements < 6000; elements += 8 * (1 + (elements >> 5))) {
    for (const shape of [bf16Shape, f32Shape]) {
      const length = elements * shape.width;
      const [src, base, out, back] = [room(0, length), room(1, length), room(2, 2 * length + 6000), room(3, length)];
      src.set((byteKinds.random as (typeof byteKinds)[string])(length, randomFrom(elements)));
      base.set((byteKinds.random as (typeof byteKinds)[string])(length, randomFrom(elements + 1)));
      const block = out.slice(0, kernels.encodeDelta(shape, src, base, out));
      assert.ok(kernels.decodeDelta(shape, atEnd(block), base, back));
      kernels.decodeDelta(shape, atEnd(block.slice(0, Math.floor(0.9 * block.length))), base, back);
    }
  }
  for (const width of [2, 4] as const) {
    for (let kept = 1; kept < 20; kept++) {
      const mask = room(0, 5).fill(0);
      for (let i = 0; i < kept; i++) mask[i >> 3] = (mask[i >> 3] as number) | (1 << (i & 7));
      kernels.expand(width, mask, atEnd(new Uint8Array(kept * width).fill(3)), room(1, 40 * width));
      assert.equal(kernels.countZeros(width, room(1, 40 * width)), 40 - kept);
    }
  }
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
