/** What every format promises (format.ts), on good files, on every truncation of them, and on files damaged at random. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { elements } from "../../core/element.ts";
import { isFault } from "../../core/errors.ts";
import type { TensorEntry } from "../../core/manifest.ts";
import type { Format, Layout, RangeReader } from "./format.ts";
import { probeBytes, readerOf } from "./index.ts";

const goldenFolder = new URL("../../../test/golden/formats/", import.meta.url);
/** More cuts than this of one file teach nothing new. */
const cutsMax = 1500;

/** `golden`: files of test/golden/formats that are of this format and hold tensors. */
export function formatSuite(format: Format, golden: readonly string[]): void {
  for (const path of golden) fileSuite(format, basename(path), readFileSync(new URL(path, goldenFolder)));

  test(`${format.name}: no bytes, and bytes that are none of it, are refused`, async () => {
    for (const bytes of [0, 1, 8, 64, 4096]) {
      await refused(format, "file", new Uint8Array(bytes));
      await refused(format, "file", new Uint8Array(bytes).fill(0xff));
    }
  });
}

function fileSuite(format: Format, fileName: string, good: Uint8Array): void {
  test(`${format.name}: ${fileName} is claimed, recognised, and laid out the same each time`, async () => {
    assert.ok(format.claims(fileName));
    assert.ok(format.probe(good.subarray(0, probeBytes)));
    const layout = await format.layout(checkedReader(good), fileName);
    assertTrue(layout, format, good.length);
    assert.ok(layout.tensors.length + layout.external.size > 0);
    assert.deepEqual(await format.layout(checkedReader(good), fileName), layout);
  });

  test(`${format.name}: ${fileName} cut anywhere is refused, or all that is left of it is true`, async () => {
    const step = Math.max(1, Math.floor(good.length / cutsMax));
    for (let end = 0; end < good.length; end += step) await refusedOrTrue(format, fileName, good.subarray(0, end));
  });

  test(`${format.name}: ${fileName} damaged at random is refused, or what is read is true`, async () => {
    await fc.assert(
      fc.asyncProperty(damageOf(good), (damaged) => refusedOrTrue(format, fileName, damaged)),
      { numRuns: 1500 },
    );
  });
}

/** Bytes and 32-bit fields set to what breaks parsers, pieces removed, doubled and moved. Most of it early, where headers are. */
function damageOf(good: Uint8Array): fc.Arbitrary<Uint8Array> {
  const place = fc.oneof({ weight: 4, arbitrary: fc.nat(Math.min(good.length, 2000) - 1) }, { weight: 2, arbitrary: fc.nat(good.length - 1) });
  const fromEnd = fc.nat(Math.min(good.length, 300) - 1).map((distance) => good.length - 1 - distance);
  const at = fc.oneof(place, fromEnd);
  const value = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 0x22, 0x7d, 0x30, 0x39));
  const set = fc.record({ at, length: fc.constantFrom(1, 1, 2, 4, 8), value }).map((edit) => (bytes: Uint8Array) => filled(bytes, edit));
  const move = fc.record({ at, length: fc.nat(64), to: at }).map(
    ({ at: from, length, to }) =>
      (bytes: Uint8Array) =>
        spliced(bytes, to, 0, bytes.subarray(from, from + length)),
  );
  const remove = fc
    .record({ at, length: fc.integer({ min: 1, max: 64 }) })
    .map((edit) => (bytes: Uint8Array) => spliced(bytes, edit.at, edit.length, new Uint8Array(0)));
  const edits = fc.array(fc.oneof({ weight: 5, arbitrary: set }, { weight: 1, arbitrary: move }, { weight: 1, arbitrary: remove }), {
    minLength: 1,
    maxLength: 4,
  });
  return edits.map((list) => list.reduce((bytes, edit) => edit(bytes), good));
}

function filled(bytes: Uint8Array, edit: { at: number; length: number; value: number }): Uint8Array {
  return new Uint8Array(bytes).fill(edit.value, edit.at, edit.at + edit.length);
}

function spliced(bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
}

async function refused(format: Format, fileName: string, bytes: Uint8Array): Promise<void> {
  await assert.rejects(format.layout(checkedReader(bytes), fileName), (error) => isFault(error, "FORMAT_INVALID", "FORMAT_UNSUPPORTED"));
}

async function refusedOrTrue(format: Format, fileName: string, bytes: Uint8Array): Promise<void> {
  let layout: Layout;
  try {
    layout = await format.layout(checkedReader(bytes), fileName);
  } catch (error) {
    if (!isFault(error, "FORMAT_INVALID", "FORMAT_UNSUPPORTED")) throw error;
    return;
  }
  assertTrue(layout, format, bytes.length);
}

/** A reader that holds the format to asking for what is there. */
function checkedReader(bytes: Uint8Array): RangeReader {
  const reader = readerOf(bytes);
  return {
    bytes: reader.bytes,
    read: (range) => {
      assert.ok(Number.isSafeInteger(range.start) && range.start >= 0 && range.start <= range.end && range.end <= bytes.length, "a read outside the file");
      return reader.read(range);
    },
  };
}

function assertTrue(layout: Layout, format: Format, fileBytes: number): void {
  assert.equal(layout.format, format.name);
  assertTensors(layout.tensors, fileBytes);
  for (const tensors of layout.external.values()) assertTensors(tensors, Number.MAX_SAFE_INTEGER);
  const names = [...layout.tensors, ...[...layout.external.values()].flat()].map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
}

function assertTensors(tensors: readonly TensorEntry[], fileBytes: number): void {
  let end = 0;
  for (const { range, shape, element, name } of tensors) {
    assert.ok(range.start >= end && range.end >= range.start, "tensors come in file order and do not overlap");
    assert.ok(elements.includes(element) && name.isWellFormed() && shape.every((size) => Number.isSafeInteger(size) && size >= 0));
    end = range.end;
  }
  assert.ok(end <= fileBytes, "tensors lie inside the file");
}
