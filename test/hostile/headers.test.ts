/** Each hostile header ends in a typed error (a few in the truth), at a bounded cost, and the next file is read as ever. */
import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, ftruncateSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readerOf, readLayout } from "../../src/bytes/formats/index.ts";
import { MiB } from "../../src/core/units.ts";
import { goodArchive } from "./headers/archives.ts";
import { goodGguf } from "./headers/gguf.ts";
import { goodArray } from "./headers/numpy.ts";
import { goodOnnx } from "./headers/onnx.ts";
import { goodSafetensors } from "./headers/safetensors.ts";
import { type HostileHeader, hostileHeaders } from "./headers.ts";
import type { Cost, HeaderFile, Outcome } from "./reader-process.ts";

const growthBytesMax = 256 * MiB;
const casesMin = 320;
const refusals = ["FORMAT_INVALID", "FORMAT_UNSUPPORTED"];
const goods = { "a.safetensors": goodSafetensors, "a.gguf": goodGguf, "a.pt": goodArchive, "a.npy": goodArray, "a.onnx": goodOnnx };

/** Writes the file and returns its size. */
function write(path: string, { parts, sparseBytes }: HostileHeader): number {
  const file = openSync(path, "w");
  let bytes = 0;
  for (const part of parts) bytes += writeSync(file, part);
  if (sparseBytes > bytes) ftruncateSync(file, sparseBytes);
  closeSync(file);
  return Math.max(bytes, sparseBytes);
}

async function ask<T>(reader: ChildProcess, message: HeaderFile | "end"): Promise<T> {
  const answered = new AbortController();
  const { signal } = answered;
  const died = once(reader, "exit", { signal }).then(([code]) => assert.fail(`the reading process ended with ${code}`));
  reader.send(message);
  try {
    const [answer] = await Promise.race([once(reader, "message", { signal }), died]);
    return answer as T;
  } finally {
    answered.abort();
  }
}

test("what the corpus is made from is good itself", async () => {
  for (const [fileName, good] of Object.entries(goods)) assert.ok((await readLayout(fileName, readerOf(good))).tensors.length > 0, fileName);
});

test("every hostile header is refused by a typed error, within bounded memory", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "hostile-"));
  const reader = fork(new URL("./reader-process.ts", import.meta.url));
  t.after(() => {
    reader.kill();
    rmSync(folder, { recursive: true });
  });
  const codes = new Map<string, number>();
  const slowest = { name: "", ms: 0 };
  for (const hostile of hostileHeaders()) {
    const path = join(folder, hostile.fileName);
    const { code, ms } = await ask<Outcome>(reader, { path, fileName: hostile.fileName, bytes: write(path, hostile) });
    assert.ok(refusals.includes(code) || (code === "parsed" && !hostile.refused), `${hostile.name}: ${code}`);
    codes.set(code, (codes.get(code) ?? 0) + 1);
    if (ms > slowest.ms) Object.assign(slowest, { name: hostile.name, ms });
    rmSync(path);
  }
  const { growthBytes, delayMsMax } = await ask<Cost>(reader, "end");
  t.diagnostic(`${JSON.stringify(Object.fromEntries(codes))}; slowest: ${slowest.name}, ${Math.round(slowest.ms)} ms`);
  t.diagnostic(`memory grew by ${Math.round(growthBytes / MiB)} MiB at most; the event loop waited ${Math.round(delayMsMax)} ms at most`);
  assert.ok([...codes.values()].reduce((a, b) => a + b, 0) >= casesMin);
  assert.ok(growthBytes < growthBytesMax, `memory grew by ${growthBytes} bytes`);
  assert.deepEqual(readdirSync(folder), [], "nothing was written beside the files");
});

test("the corpus is the same every time, and no two cases are one", () => {
  const names = [...hostileHeaders()].map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});
