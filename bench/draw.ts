/** Draws docs/performance.svg from what the benches of whole models found last on this machine. `npm run bench -- draw` */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Bar, barsOf, type Panel } from "./bars.ts";
import type { Results } from "./results.ts";

/** By bench, and by the first of the sides that were compared where a bench has several such groups. */
const titles: Readonly<Record<string, string>> = {
  "load: pull raw": "Out of a store into files",
  "load: loadTensors raw": "Out of a store into memory",
  "push: push raw": "From files into a store on a disk, one replica",
  "s3-MinIO-push": "Into MinIO",
  "s3-MinIO-load": "Out of MinIO",
  "s3-versitygw-push": "Into versitygw",
  "s3-versitygw-load": "Out of versitygw",
  "hdfs-push": "Into HDFS, three copies",
  "hdfs-load": "Out of HDFS",
};
const benches = [...new Set(Object.keys(titles).map((key) => key.split(":")[0] as string))];

const resultsOf = (bench: string): Results | undefined => {
  const path = fileURLToPath(new URL(`./results/${bench}.json`, import.meta.url));
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Results) : undefined;
};

/** Sides that were compared with each other belong together. */
function panelsOf({ bench, sides, ratios }: Results): Panel[] {
  const groups: Set<string>[] = [];
  for (const { ours, peer } of ratios) {
    const touched = groups.filter((group) => group.has(ours) || group.has(peer));
    for (const group of touched) groups.splice(groups.indexOf(group), 1);
    groups.push(new Set([...touched.flatMap((group) => [...group]), ours, peer]));
  }
  const own = new Set(ratios.map(({ ours }) => ours));
  return groups.map((group) => {
    const bars = sides
      .filter(({ name }) => group.has(name))
      .map(({ name, gigabytesPerSecond }): Bar => ({ name, ours: own.has(name), rate: gigabytesPerSecond }));
    const title = titles[bench] ?? titles[`${bench}: ${bars[0]?.name}`] ?? bench;
    return { title: `${title}: GB of model a second`, bars };
  });
}

const panels = benches.flatMap((bench) => panelsOf(resultsOf(bench) ?? { bench, sides: [], ratios: [] }));
const target = fileURLToPath(new URL("../docs/performance.svg", import.meta.url));
if (panels.length === 0) throw new Error("nothing to draw: run `npm run bench -- load` and `-- push` first");
writeFileSync(target, barsOf(panels));
console.log(`${panels.length} panels in docs/performance.svg`);
