/** Hostile headers pushed, and hostile objects on a volume: a typed error or the truth, at a bounded cost, and nothing is written where it should not be. */
import assert from "node:assert/strict";
import { cp, mkdir, open, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type HostileHeader, hostileHeaders } from "../hostile/headers.ts";
import { type Ended, Holdfast } from "./command.ts";
import { ForgedVolume } from "./hostile/forge.ts";
import { type ObjectCase, objectCases } from "./hostile/object-cases.ts";
import { makeModel } from "./make/model.ts";
import { type Place, show } from "./place.ts";
import { assertSame, type Digests, digestsOf } from "./trees.ts";

const MiB = 1024 * 1024;
/** Files above this are only refused, not kept: they are holes of up to a terabyte. */
const keptBytesMax = 16 * MiB;
const typedEnds = [3, 4, 5, 6, 7, 8, 9];
const timeoutMs = 20_000;

type Sizes = { every: number; secondsMax: number; growthMiB: number };

export const hostile = show({
  says: "hostile headers and objects of a store: typed errors or kept as opaque, within bounds of time and memory, and nothing is written elsewhere",
  // The start of the command included.
  full: { every: 1, secondsMax: 2, growthMiB: 256 },
  // Every 37th case, and no claim about time where many tests run side by side.
  small: { every: 37, secondsMax: 20, growthMiB: 256 },
  async run(place, sizes) {
    const guard = new Guard(place, sizes);
    await guard.measureBase();
    await keepHeaders(place);
    await refuseHeaders(place, guard, sizes);
    await surviveObjects(place, guard, sizes);
    place.say(
      `slowest: ${guard.slowest.seconds.toFixed(2)} s (${guard.slowest.name}); largest: ${Math.round(guard.largest.bytes / MiB)} MiB above a small push (${guard.largest.name})`,
    );
  },
});

/** Holds every run to the bounds. */
class Guard {
  readonly slowest = { name: "", seconds: 0 };
  readonly largest = { name: "", bytes: 0 };
  readonly #place: Place;
  readonly #sizes: Sizes;
  #baseBytes = 0;

  constructor(place: Place, sizes: Sizes) {
    this.#place = place;
    this.#sizes = sizes;
  }

  /** What the command needs to push one small file. */
  async measureBase(): Promise<void> {
    const file = join(this.#place.folder, "small.txt");
    await writeFile(file, "small");
    this.#baseBytes = (await new Holdfast(this.#place.folder, "base").push(file, "acme/small")).peakBytes ?? 0;
  }

  check(name: string, { exitCode, json, stderr, seconds, peakBytes = 0 }: Ended): void {
    const typed = exitCode === 0 || (typedEnds.includes(exitCode as number) && json !== undefined);
    assert.ok(typed, `${name}: ended with ${exitCode}\n${stderr}`);
    assert.ok(seconds <= this.#sizes.secondsMax, `${name}: took ${seconds.toFixed(1)} s`);
    const growthBytes = peakBytes - this.#baseBytes;
    assert.ok(growthBytes <= this.#sizes.growthMiB * MiB, `${name}: took ${Math.round(growthBytes / MiB)} MiB`);
    if (seconds > this.slowest.seconds) Object.assign(this.slowest, { name, seconds });
    if (growthBytes > this.largest.bytes) Object.assign(this.largest, { name, bytes: growthBytes });
  }
}

async function writeHeader(path: string, { parts, sparseBytes }: HostileHeader): Promise<number> {
  await using file = await open(path, "w");
  let bytes = 0;
  for (const part of parts) {
    await file.writev([part]);
    bytes += part.length;
  }
  if (sparseBytes > bytes) await file.truncate(sparseBytes);
  return Math.max(bytes, sparseBytes);
}

/** The list of a model's parts is text that a push keeps as it is. */
function isPartsIndex({ fileName }: HostileHeader): boolean {
  return fileName.endsWith(".json");
}

/** All of them in one push: each is kept as it is, with a warning for what does not parse. */
async function keepHeaders({ folder, say }: Place): Promise<void> {
  const source = join(folder, "headers");
  let [kept, refused] = [0, 0];
  for (const header of hostileHeaders()) {
    const own = join(source, String(kept));
    await mkdir(own, { recursive: true });
    if ((await writeHeader(join(own, header.fileName), header)) > keptBytesMax) {
      await rm(own, { recursive: true });
      continue;
    }
    kept++;
    if (header.refused && !isPartsIndex(header)) refused++;
  }
  const holdfast = new Holdfast(folder, "kept");
  const { warnings } = await holdfast.push(source, "acme/headers", [], { timeoutMs: 120_000 });
  assert.ok(warnings.length >= refused, `${warnings.length} warnings for ${refused} files that do not parse`);
  const target = join(folder, "headers-loaded");
  await holdfast.pull("acme/headers", target, [], { timeoutMs: 120_000 });
  assertSame(await digestsOf(target), await digestsOf(source), "hostile files, kept");
  say(`${kept} hostile files pushed and loaded with every SHA-256, with ${warnings.length} warnings`);
  for (const done of [source, target, holdfast.store]) await rm(done, { recursive: true });
}

/** Each by itself, and strictly: then it is a typed error, except for the few that are odd but true. */
async function refuseHeaders({ folder, say }: Place, guard: Guard, { every }: Sizes): Promise<void> {
  const holdfast = new Holdfast(folder, "strict");
  let [count, number] = [0, 0];
  for (const header of hostileHeaders()) {
    if (number++ % every !== 0 || isPartsIndex(header)) continue;
    const own = join(folder, "strict-source");
    await mkdir(own);
    await writeHeader(join(own, header.fileName), header);
    const ended = await holdfast.run(["push", own, "acme/strict", "--strict"], { timeoutMs });
    guard.check(header.name, ended);
    assert.ok(ended.exitCode === 8 || !header.refused, `${header.name}: ended with ${ended.exitCode}`);
    await rm(own, { recursive: true });
    count++;
  }
  say(`${count} hostile headers pushed with --strict: each a typed error, or true`);
}

async function surviveObjects(place: Place, guard: Guard, { every }: Sizes): Promise<void> {
  const good = join(place.folder, "good");
  const source = join(place.folder, "source");
  const { digests } = await makeModel(source, { bytes: 3e6, parts: 1, seed: 12 });
  const holdfast = new Holdfast(good);
  await holdfast.push(source, "acme/model");
  const ends = new Map<string, number>();
  let number = 0;
  for (const one of objectCases()) {
    if (number++ % every !== 0) continue;
    const own = join(place.folder, "case");
    await cp(holdfast.store, join(own, "store"), { recursive: true });
    for (const end of await survive(one, own, guard, digests)) ends.set(end, (ends.get(end) ?? 0) + 1);
    await rm(own, { recursive: true });
  }
  place.say(`${Math.ceil(number / every)} hostile stores: ${[...ends].map(([end, count]) => `${end} ${count}`).join(", ")}`);
}

/** Loads, scrubs and rebuilds a store that lies, and looks at what came out. */
async function survive({ name, make }: ObjectCase, folder: string, guard: Guard, digests: Digests): Promise<string[]> {
  const outside = join(folder, "outside");
  await mkdir(outside);
  await writeFile(join(outside, "canary"), "it sings");
  const before = await digestsOf(outside);
  const holdfast = new Holdfast(folder);
  await make(new ForgedVolume(join(holdfast.store, "volumes", "main")), outside);
  const ends: string[] = [];
  const run = async (words: readonly string[]): Promise<number | null> => {
    const ended = await holdfast.run(words, { timeoutMs });
    guard.check(`${name}: ${words[0]}`, ended);
    ends.push(`${words[0]}:${ended.json?.error?.code ?? ended.exitCode}`);
    return ended.exitCode;
  };
  for (const [index, words] of [
    ["pull", "acme/model"],
    ["scrub", "--repair"],
    ["doctor"],
    ["rebuild"],
    ["pull", "acme/model"],
    ["pull", "acme/forged"],
    ["ls"],
  ].entries()) {
    const target = join(folder, "targets", String(index));
    if (words[0] !== "pull") await run(words);
    else if ((await run([...words, target])) === 0 && words[1] === "acme/model") assertSame(await digestsOf(target), digests, `${name}: loaded`);
    else if (words[1] === "acme/model") await assertOnlyWhole(target, digests, name);
  }
  assertSame(await digestsOf(outside), before, `${name}: the folder outside is what it was`);
  assert.deepEqual(
    (await readdir(folder)).filter((entry) => !["store", "outside", "targets", "home"].includes(entry)),
    [],
    `${name}: something is beside the targets`,
  );
  return ends;
}

/** What a load that failed leaves under the names of the version is right all the same. */
async function assertOnlyWhole(target: string, digests: Digests, name: string): Promise<void> {
  const there = await digestsOf(target).catch(() => new Map<string, string>());
  for (const [path, digest] of there) if (!path.startsWith(".holdfast")) assert.equal(digest, digests.get(path), `${name}: ${path} is wrong`);
}
