import assert from "node:assert/strict";
import { test } from "node:test";
import { isFault } from "./errors.ts";
import { formatBytes, formatSeconds, parseBytes, parseDurationMs } from "./units.ts";

test("sizes and rates have three digits, and no part of a byte", () => {
  const texts = [0, 20.027, 999.4, 999.6, 1000, 12_345, 999_499, 999_500, 4.3e9, 2e18].map(formatBytes);
  assert.deepEqual(texts, ["0 B", "20 B", "999 B", "1.00 kB", "1.00 kB", "12.3 kB", "999 kB", "1.00 MB", "4.30 GB", "2000 PB"]);
});

test("times are written in the unit that one reads at a glance", () => {
  assert.deepEqual([0.0004, 0.25, 12.34, 119.7, 150, 7200].map(formatSeconds), ["0 ms", "250 ms", "12.3 s", "2 min 0 s", "2 min 30 s", "2.0 h"]);
});

test("a size or duration is a number with its unit, and nothing else", () => {
  assert.deepEqual([parseBytes("4GB"), parseBytes("1.5 MiB"), parseDurationMs("1.5h")], [4e9, 1.5 * 1024 * 1024, 5_400_000]);
  for (const text of ["", "-1GB", "4XB", "1e3"])
    assert.throws(
      () => parseBytes(text),
      (error) => isFault(error, "ARGUMENT_INVALID"),
    );
  for (const text of ["", "5", "5w", "-1s"])
    assert.throws(
      () => parseDurationMs(text),
      (error) => isFault(error, "ARGUMENT_INVALID"),
    );
});
