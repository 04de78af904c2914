import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { barOf } from "./bar.ts";
import { Pace } from "./pace.ts";
import { progressLine } from "./progress-line.ts";
import { printable, Screen, shorten, widthOf } from "./screen.ts";
import { tableOf } from "./table.ts";

const terminal = (columns: number, env = {}): Screen => new Screen({ isTTY: true, columns }, env);
const pipe = new Screen({}, {});

test("a text is shortened to any width and never beyond it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), fc.integer({ min: 1, max: 60 }), (text, width) => widthOf(shorten(text, width)) <= width),
  );
  assert.equal(shorten("model-00001-of-00002.safetensors", 15), "model-0…tensors");
  assert.equal(shorten("short", 5), "short");
});

test("wide characters count as two columns", () => {
  assert.equal(widthOf("模型.bin"), 8);
  assert.equal(widthOf("\u001b[1mbold\u001b[22m"), 4);
});

test("names cannot steer the terminal", () => {
  assert.equal(printable("a\u001b[2Jb\nc\u202e"), "a\ufffd[2Jb\ufffdc\ufffd");
});

test("a bar has its width, and shows what is little but not nothing", () => {
  fc.assert(
    fc.property(fc.double({ min: -1, max: 2, noNaN: true }), fc.integer({ min: 1, max: 40 }), (share, width) => widthOf(barOf(share, width)) === width),
  );
  assert.equal(barOf(0, 4), "    ");
  assert.equal(barOf(1e-9, 4), "▏   ");
  assert.equal(barOf(1, 4), "████");
  assert.equal(barOf(0.5, 3), "█▌ ");
});

const columns = [
  { head: "name", text: (row: { name: string; bytes: number }) => row.name, shrinks: true },
  { head: "size", text: (row: { name: string; bytes: number }) => String(row.bytes), align: "right" },
  { head: "note", text: () => "something long that can be left out", dispensable: 1 },
] as const;

test("a table is aligned, and fits a narrow screen by leaving out and cutting", () => {
  const rows = [
    { name: "a-name-that-is-long-enough-to-be-cut", bytes: 5 },
    { name: "b", bytes: 12345 },
  ];
  assert.equal(
    tableOf(rows, columns.slice(0, 2), pipe),
    ["name                                   size", "a-name-that-is-long-enough-to-be-cut      5", "b                                     12345"].join("\n"),
  );
  const narrow = tableOf(rows, columns, terminal(30, { NO_COLOR: "1" })).split("\n");
  assert.ok(
    narrow.every((line) => widthOf(line) <= 30),
    narrow.join("\n"),
  );
  assert.ok(narrow[1]?.includes("…") && !narrow[0]?.includes("note"));
  assert.equal(tableOf([], columns, pipe), "");
});

test("colour only on a terminal that wants it", () => {
  assert.equal(pipe.style("bold", "x"), "x");
  assert.equal(terminal(80, { NO_COLOR: "1" }).style("bold", "x"), "x");
  assert.equal(terminal(80, { TERM: "dumb" }).style("bold", "x"), "x");
  assert.equal(terminal(80).style("bold", "x"), "\u001b[1mx\u001b[22m");
});

test("progress fits every width, and says less where there is less room", () => {
  const event = { step: "storing", bytes: 250e6, total: 1e9 };
  fc.assert(fc.property(fc.integer({ min: 7, max: 200 }), (width) => widthOf(progressLine(event, 1e8, width)) <= width));
  assert.equal(progressLine(event, 1e8, 79), `storing  ▕${barOf(0.25, 20)}▏   25 %  250 MB of 1.00 GB  100 MB/s  7.5 s left`);
  assert.equal(progressLine(event, 1e8, undefined), "storing  25 %  250 MB of 1.00 GB  100 MB/s  7.5 s left");
  assert.equal(progressLine(event, undefined, 16), "storing   25 %");
  assert.equal(progressLine({ step: "reading headers", bytes: 0, total: 0 }, undefined, 79), "reading headers");
});

test("the pace is that of the last seconds", () => {
  const pace = new Pace();
  assert.equal(pace.bytesPerSecond(0), undefined);
  for (let ms = 0; ms <= 20_000; ms += 10) pace.see(ms, ms < 10_000 ? ms * 1000 : 10_000_000 + (ms - 10_000) * 100);
  const now = pace.bytesPerSecond(20_000) ?? 0;
  assert.ok(now > 90_000 && now < 110_000, String(now));
  assert.ok((pace.bytesPerSecond(40_000) ?? 0) < now / 3, "and falls when nothing comes");
});
