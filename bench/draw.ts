/** Draws docs/performance.svg from what the benches of whole models found last on this machine. `npm run bench -- draw` */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Bar, barsOf, type Panel } from "./bars.ts";
import { lastResults, type Results } from "./results.ts";

const titles: Readonly<Record<string, string>> = {
  "load-files": "Out of a store into files",
  "load-memory": "Out of a store into memory",
  push: "From files into a store on a disk, one replica",
  "s3-MinIO-push": "Into MinIO",
  "s3-MinIO-load": "Out of MinIO",
  "s3-versitygw-push": "Into versitygw",
  "s3-versitygw-load": "Out of versitygw",
  "hdfs-push": "Into HDFS, three copies",
  "hdfs-load": "Out of HDFS",
};

function panelOf({ bench, sides, ratios }: Results): Panel {
  const own = new Set(ratios.map(({ ours }) => ours));
  const bars = sides.map(({ name, gigabytesPerSecond }): Bar => ({ name, ours: own.has(name), rate: gigabytesPerSecond }));
  return { title: `${titles[bench]}: GB of model a second`, bars };
}

const panels = Object.keys(titles)
  .flatMap((bench) => lastResults(bench) ?? [])
  .map(panelOf);
const target = fileURLToPath(new URL("../docs/performance.svg", import.meta.url));
if (panels.length === 0) throw new Error("nothing to draw: run `npm run bench -- load` and `-- push` first");
writeFileSync(target, barsOf(panels));
console.log(`${panels.length} panels in docs/performance.svg`);
