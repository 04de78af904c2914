/**
 * Size and speed of deltas against a base chunk, one core, in memory, chunks of 1 MiB, beside XOR + byte planes + zstd-3 on the same
 * bytes: `bench/delta.ts [--size MiB] [--repeats N] [BASE TUNED]…`. Without files it makes fine-tunes; with them it takes those pairs.
 */
import { parseArgs } from "node:util";
import { elementBytes } from "../src/core/element.ts";
import { MiB } from "../src/core/units.ts";
import { filePairs } from "./data/pair-files.ts";
import { type Pair, syntheticPairs } from "./data/tuned.ts";
import { gigabytes, machine, percent, printTable } from "./measure.ts";
import { xorZstd } from "./peers/xor-zstd.ts";
import { Stage } from "./stage.ts";

const { values, positionals } = parseArgs({
  options: { size: { type: "string", default: "16" }, repeats: { type: "string", default: "5" } },
  allowPositionals: true,
});
const [bytesMax, repeats] = [Number(values.size) * MiB, Number(values.repeats)];

function* pairs(): Generator<Pair> {
  if (positionals.length === 0) yield* syntheticPairs(bytesMax);
  for (let at = 0; at + 1 < positionals.length; at += 2) yield* filePairs(positionals[at] as string, positionals[at + 1] as string, bytesMax);
}

const stage = new Stage(bytesMax);
const rows: string[][] = [];
for (const { name, element, base, tuned } of pairs()) {
  const ours = stage.run(element, tuned, base, repeats);
  const alone = stage.run(element, tuned, undefined, 1);
  const theirs = xorZstd(tuned, base, elementBytes[element], repeats);
  const sizes = [percent(ours.share), percent(alone.share), percent(theirs.share), percent(1 - ours.share / theirs.share)];
  rows.push([name, ...sizes, gigabytes(ours.encode), gigabytes(ours.decode), gigabytes(theirs.encode), gigabytes(theirs.decode)]);
}
console.log(`${machine()}; ${bytesMax / MiB} MiB at most of each, GB/s by the best time of each chunk (by the median); the peer's times are zstd alone`);
printTable(["", "delta", "alone", "XOR+zstd-3", "smaller by", "encode", "decode", "zstd encode", "zstd decode"], rows);
