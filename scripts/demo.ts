/**
 * The demonstration: a model goes onto three of four disks, one disk is lost, a replica is damaged, and the model comes
 * back bit for bit. `npm run demo` makes a model; `npm run demo -- MODEL_DIR` takes yours. Everything happens in
 * .cache/demo of this checkout, which is emptied first.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open as openFile, readdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { formatBytes, formatSeconds } from "../src/core/units.ts";
import { open, type Store } from "../src/index.ts";
import { drawWeights, writeModel } from "./demo/model.ts";

const place = fileURLToPath(new URL("../.cache/demo", import.meta.url));
const names = ["north", "east", "south", "west"];
const width = 68;

function heading(text: string): void {
  console.log(`\n${text}`);
}

function line(label: string, text: string): void {
  console.log(`  ${label.padEnd(16)}${text}`);
}

function share(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function digests(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const path of await filesOf(folder)) found.set(path.slice(folder.length + 1), await sha256(path));
  return found;
}

/** Flips one bit in the middle of the largest object of a volume. */
async function damage(volume: string): Promise<string> {
  let [largest, bytes] = ["", -1];
  for (const path of await filesOf(volume)) {
    const { size } = await stat(path);
    if (size > bytes) [largest, bytes] = [path, size];
  }
  const file = await openFile(largest, "r+");
  const byte = Buffer.alloc(1);
  const at = Math.floor(bytes / 2);
  await file.read(byte, 0, 1, at);
  await file.write(Buffer.from([(byte[0] as number) ^ 0x10]), 0, 1, at);
  await file.close();
  return `bit 4 of byte ${at.toLocaleString("en")} of ${largest.slice(volume.length + 1, volume.length + 27)}…`;
}

async function makeStore(): Promise<Store> {
  const store = await open(join(place, "store"));
  for (const name of names) await store.volumes.add(join(place, name), { name, domain: `disk-${name}` });
  return store;
}

/** Bars of what each volume holds. */
async function drawVolumes(store: Store): Promise<void> {
  const volumes = (await store.volumes.list()).filter((volume) => names.includes(volume.name));
  const most = Math.max(1, ...volumes.map((volume) => volume.bytes));
  for (const { name, bytes, reachable } of volumes) {
    const bar = "█".repeat(Math.round((24 * bytes) / most)).padEnd(24, "·");
    line(name, `${bar} ${formatBytes(bytes).padStart(8)}${reachable ? "" : "   gone"}`);
  }
}

function compare(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void {
  const wrong = [...before].filter(([path, digest]) => after.get(path) !== digest).map(([path]) => path);
  if (wrong.length > 0 || after.size !== before.size) throw new Error(`the model that came back is not the one that went in: ${wrong.join(", ")}`);
}

async function main(given: string | undefined): Promise<void> {
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  console.log(`Holdfast: what is pushed is what is loaded\n${"─".repeat(width)}`);

  heading("A model");
  const model = given ? resolve(given) : join(place, "model");
  const weights = given ? undefined : drawWeights();
  if (weights) await writeModel(model, weights.base, 2, 3);
  const before = await digests(model);
  const sizes = await Promise.all((await filesOf(model)).map(async (path) => (await stat(path)).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  line(given ? "yours" : "made", `${before.size} files, ${formatBytes(bytes)}${given ? "" : ", bf16, with the statistics of trained weights"}`);

  await using store = await makeStore();
  heading("Push it: three replicas over four volumes, all synced and read back");
  const pushed = await store.push(model, "demo/model", { replicas: 3, message: "the first" });
  line("stored", `${formatBytes(pushed.storedBytes)} (${share(pushed.storedBytes, bytes)}) a replica, in ${formatSeconds(pushed.seconds)}`);
  await drawVolumes(store);

  heading("Lose a volume, and damage a replica on another");
  await rm(join(place, "east"), { recursive: true, force: true });
  line("east", "deleted, with everything on it");
  line("north", `flipped ${await damage(join(place, "north"))}`);

  heading("Load it, verified");
  const loaded = await store.pull("demo/model", join(place, "loaded"));
  compare(before, await digests(join(place, "loaded")));
  line("result", `${loaded.files} files, ${formatBytes(loaded.bytes)} in ${formatSeconds(loaded.seconds)}: every SHA-256 is what it was`);
  line("read", `${formatBytes(loaded.fetchedBytes)} from the volumes; damaged replicas mended on the way: ${loaded.repaired}`);

  if (weights) {
    heading("Train it a little, push again: only the differences are stored");
    await writeModel(join(place, "tuned"), weights.tuned, 2, 3);
    const tuned = await store.push(join(place, "tuned"), "demo/model", { replicas: 3, message: "fine-tuned" });
    line("stored", `${formatBytes(tuned.storedBytes)} (${share(tuned.storedBytes, bytes)}) a replica, in ${formatSeconds(tuned.seconds)}`);
    const again = await store.pull("demo/model", join(place, "tuned-loaded"));
    compare(await digests(join(place, "tuned")), await digests(join(place, "tuned-loaded")));
    line("loaded", `${formatBytes(again.bytes)} in ${formatSeconds(again.seconds)}: every SHA-256 is what it was`);
  }

  heading("What each volume holds now");
  await drawVolumes(store);
  console.log(
    `\nEverything is in .cache/demo. Look around:\n  bin/holdfast --store .cache/demo/store log demo/model\n  bin/holdfast --store .cache/demo/store doctor`,
  );
}

await main(process.argv[2]);
