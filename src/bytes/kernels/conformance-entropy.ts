/** Huffman blocks come back, and what is not one is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesLike, randomBytes, seed } from "./conformance-tools.ts";
import type { Guarded } from "./guarded.ts";
import type { Kernels } from "./kernels.ts";
import { byteKinds, randomFrom } from "./specimens.ts";

export function entropyConforms(kernels: Kernels, memory: Guarded): void {
  test("byte counts are exact", () => {
    const counts = kernels.countBytes(memory.place([...new Array(21).fill(7), 255, 0, 0], 1));
    assert.deepEqual([counts[7], counts[255], counts[0], counts[1]], [21, 1, 2, 0]);
    memory.check();
  });

  test("Huffman blocks come back, from planes of every kind and size", () => {
    for (const [kind, make] of Object.entries(byteKinds)) {
      for (const length of [0, 3, 4, 5, 63, 64, 1001, 20_003]) {
        const plane = memory.place(make(length, randomFrom(seed + length)), 1);
        const out = memory.room(2 * length + 300, 3);
        const back = memory.room(length, 5);
        const bytes = kernels.encodeHuffman(plane, out);
        if (bytes > 0) assert.ok(kernels.decodeHuffman(out.subarray(0, bytes), back), `${kind} of ${length}`);
        if (bytes > 0) assert.deepEqual(back, plane);
        else assert.ok(length < 4 || new Set(plane).size < 2, `${kind} of ${length} was not coded`);
        memory.check();
      }
    }
  });

  test("the shortest codes do not write below the plane, wherever its quarters end", () => {
    for (let length = 800; length < 900; length++) {
      const plane = memory.place(bytesLike("two values", length, randomFrom(length)));
      const room = memory.room(length);
      const block = room.subarray(0, kernels.encodeHuffman(plane, room));
      const back = memory.room(length);
      assert.equal(block.length > 0 && kernels.decodeHuffman(block, back), new Set(plane).size === 2);
      const longer = memory.place([...block, ...new Array(400).fill(0)]);
      assert.equal(kernels.decodeHuffman(longer, back), false);
      memory.check();
    }
  });

  test("a block that would not fit is not begun", () => {
    const plane = memory.place(bytesLike("exponents", 4000, randomFrom(1)));
    assert.equal(kernels.encodeHuffman(plane, memory.room(700)), 0);
    assert.ok(kernels.encodeHuffman(plane, memory.room(1100)) > 0);
    memory.check();
  });

  test("a block for another number of symbols, cut short or with a code that is not complete is refused", () => {
    const plane = memory.place(bytesLike("exponents", 4000, randomFrom(2)));
    const room = memory.room(4000);
    const block = room.subarray(0, kernels.encodeHuffman(plane, room));
    const out = memory.room(8000);
    for (const length of [3996, 4004, 8000]) assert.equal(kernels.decodeHuffman(block, out.subarray(0, length)), false);
    for (let cut = 0; cut < block.length; cut += 37) assert.equal(kernels.decodeHuffman(block.subarray(0, cut), out.subarray(0, 4000)), false);
    block[2] = (block[2] as number) ^ 0x11;
    assert.equal(kernels.decodeHuffman(block, out.subarray(0, 4000)), false);
    memory.check();
  });

  test("a block of random bytes is refused and writes nothing outside", () => {
    for (let round = 0; round < 300; round++) {
      const block = memory.place(randomBytes(20 + round, round), round % 7);
      kernels.decodeHuffman(block, memory.room(1 + 3 * round));
      memory.check();
    }
  });
}
