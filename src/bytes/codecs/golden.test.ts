/** Stored bytes of every encoding and layout, written once: a store must be readable for ever, by every driver. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { MiB } from "../../core/units.ts";
import { blake3Digest } from "../digests/index.ts";
import { openKernels } from "../kernels/index.ts";
import { twinKernels } from "../kernels/twin/index.ts";
import { codecsOn } from "./chunk-codec.ts";
import type { Golden } from "./fixtures/make.ts";
import { encodingIds } from "./index.ts";
import { Room } from "./room.ts";

const folder = new URL("./fixtures/", import.meta.url);
const goldens = JSON.parse(readFileSync(new URL("golden.json", folder), "utf8")) as Golden[];
const memory = new WebAssembly.Memory({ initial: 512, maximum: 512, shared: true });
const scratch = { offset: 0, bytes: 8 * MiB };
const room = new Room(memory, { offset: 8 * MiB, bytes: 8 * MiB });

function place(index: number, file: string): Uint8Array {
  const content = readFileSync(new URL(file, folder));
  const view = new Uint8Array(memory.buffer, (16 + index) * MiB, content.length);
  view.set(content);
  return view;
}

for (const [driver, kernels] of Object.entries({ wasm: openKernels(memory, scratch), twin: twinKernels() })) {
  const codecs = codecsOn(kernels, room);
  for (const golden of goldens) {
    test(`${driver} reads ${golden.file}`, () => {
      const out = new Uint8Array(memory.buffer, 20 * MiB, golden.rawBytes).fill(0x55);
      codecs.decode(golden.encoding, place(0, golden.file), golden.base === undefined ? undefined : place(1, golden.base), out);
      assert.equal(blake3Digest(out), golden.rawDigest);
    });
  }
}

test("every encoding has a golden file", () => {
  assert.deepEqual(new Set(goldens.map(({ encoding }) => encoding)), new Set<number>(Object.values(encodingIds)));
});
