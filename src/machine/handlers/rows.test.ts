import assert from "node:assert/strict";
import { test } from "node:test";
import { encodingIds } from "../../bytes/codecs/index.ts";
import { blake3 } from "../../bytes/digests/index.ts";
import { Arena } from "../arena.ts";
import { type DecodeChunk, verdictGood, verdictWrong } from "../jobs.ts";
import { deskOffset } from "../memory-map.ts";
import { DataPool } from "../pool.ts";
import { requireSpan } from "../span.ts";

const never = new AbortController().signal;
const MiB = 1024 * 1024;

async function withPool(work: (pool: DataPool, arena: Arena) => Promise<void>): Promise<void> {
  const arena = new Arena(8 * MiB, deskOffset(1));
  await using pool = new DataPool(arena, 1);
  await work(pool, arena);
}

function numbered(out: Uint8Array): Uint8Array {
  for (let at = 0; at < out.length; at++) out[at] = (at * 31 + (at >> 8)) & 255;
  return out;
}

test("a chunk of rows is packed, and decodes into rows of another window, in the arena and outside of it", async () => {
  await withPool(async (pool, arena) => {
    using stage = await arena.lend(64 * 1024, never);
    using section = await arena.lend(64 * 1024, never);
    numbered(stage.bytes);
    const rows = { offset: 64, rows: 10, rowBytes: 100, stride: 1000 };
    const raw = Buffer.concat(Array.from({ length: 10 }, (_, row) => stage.bytes.slice(64 + row * 1000, 164 + row * 1000)));
    const digest = blake3(raw);
    const [frame] = await pool.run({
      kind: "pack",
      stage: requireSpan(stage.bytes),
      chunks: [{ digest, rows, element: "unknown", base: undefined }],
      out: requireSpan(section.bytes),
      encode: "auto",
    });
    assert.ok(frame);
    const stored = requireSpan(section.bytes.subarray(frame.offset + 96, frame.offset + 96 + frame.storedBytes));
    const chunk: DecodeChunk = {
      digest,
      rawBytes: 1000,
      steps: [{ encoding: frame.encoding, stored, crc32c: frame.crc32c }],
      copies: [{ from: 0, fromStride: 100, to: 7, toStride: 333, rows: 10, rowBytes: 100 }],
    };
    using lent = await arena.lend(8192, never);
    for (const window of [lent.bytes, new Uint8Array(new SharedArrayBuffer(8192))]) {
      const verdicts = await pool.run({ kind: "decode", chunks: [chunk], window: requireSpan(window) });
      assert.deepEqual([...verdicts], [verdictGood]);
      for (let row = 0; row < 10; row++)
        assert.deepEqual(Buffer.from(window.subarray(7 + row * 333, 107 + row * 333)), raw.subarray(row * 100, row * 100 + 100));
      const again = await pool.run({ kind: "decode", chunks: [{ ...chunk, steps: [] }], window: requireSpan(window) });
      assert.deepEqual([...again], [verdictGood], "verified where it lies");
      window[8] = (window[8] as number) ^ 1;
      const flipped = await pool.run({ kind: "decode", chunks: [{ ...chunk, steps: [] }], window: requireSpan(window) });
      assert.deepEqual([...flipped], [verdictWrong]);
    }
    lent.bytes.fill(0);
    section.bytes[frame.offset + 96] = (section.bytes[frame.offset + 96] as number) ^ 1;
    const damaged = await pool.run({ kind: "decode", chunks: [chunk], window: requireSpan(lent.bytes) });
    assert.deepEqual([...damaged], [1], "the only step is to blame");
    assert.ok(
      lent.bytes.every((byte) => byte === 0),
      "what is not verified does not reach the window",
    );
  });
});

test("the link of a chain whose stored bytes are damaged is named", async () => {
  await withPool(async (pool, arena) => {
    using room = await arena.lend(4096, never);
    const bytes = numbered(room.bytes.subarray(0, 1000));
    const digest = blake3(bytes);
    const step = { encoding: encodingIds.RAW, stored: requireSpan(bytes), crc32c: 12345 };
    using window = await arena.lend(4096, never);
    const copies = [{ from: 0, fromStride: 1000, to: 0, toStride: 1000, rows: 1, rowBytes: 1000 }];
    const wrongDigest = Uint8Array.from(digest, (byte) => byte ^ 1);
    const verdicts = await pool.run({
      kind: "decode",
      chunks: [{ digest: wrongDigest, rawBytes: 1000, steps: [step], copies }],
      window: requireSpan(window.bytes),
    });
    assert.deepEqual([...verdicts], [1]);
  });
});
