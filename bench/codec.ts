/**
 * Size and speed of the encodings that need no base, one core, in memory, chunks of 1 MiB: `bench/codec.ts [MiB] [repeats]`.
 * The choice of the encoding and the building of tables are part of the times. Beside ZipNN on the same bytes, where Python has it.
 */
import { MiB } from "../src/core/units.ts";
import { kinds, makeWeights } from "./data/weights.ts";
import { gigabytes, machine, percent, printTable } from "./measure.ts";
import { findZipNN } from "./peers/zipnn.ts";
import { type Result, Stage } from "./stage.ts";

const [size = 32, repeats = 7] = process.argv.slice(2).map(Number);

function cells({ share, encode, decode }: Result): string[] {
  return [percent(share), gigabytes(encode), gigabytes(decode)];
}

const zipnn = findZipNN();
const stage = new Stage(size * MiB);
const rows: string[][] = [];
for (const [name, { element, make }] of Object.entries(kinds)) {
  const bytesPerWeight = make(makeWeights(1024, 1)).length / 1024;
  const content = make(makeWeights((size * MiB) / bytesPerWeight, 1));
  const ours = stage.run(element, content, undefined, repeats);
  const theirs = zipnn?.(element, content, repeats);
  rows.push([name, ...cells(ours), ...(theirs ? cells(theirs) : ["–", "–", "–"])]);
}
console.log(`${machine()}; ${size} MiB of each kind, GB/s by the best time of each chunk (by the median)`);
if (!zipnn) console.log("ZipNN is not installed: python3 -m venv .cache/zipnn && .cache/zipnn/bin/pip install zipnn numpy");
printTable(["", "Holdfast", "encode", "decode", "ZipNN", "encode", "decode"], rows);
