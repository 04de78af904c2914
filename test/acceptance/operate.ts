/** A store as a fleet has it, over HDFS, S3, PostgreSQL and Redis, of which one after the other breaks: what docs/operate.md promises and advises is done here. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { emptyPlace, freshUrl } from "../s3/servers.ts";
import { type Ended, Holdfast, patience } from "./command.ts";
import { HdfsEngine } from "./hdfs-engine.ts";
import { redrawRows } from "./make/edits.ts";
import { type MadeModel, makeModel } from "./make/model.ts";
import { type Place, show } from "./place.ts";
import { addressesOf, killEngine, service } from "./services.ts";
import { assertSame, type Digests, digestsOf } from "./trees.ts";

const engines = ["hdfs", "minio", "postgres", "redis-ring"] as const;
type Addresses = Readonly<Record<(typeof engines)[number], string>>;
const unreachable = 7;

export const operate = show({
  says: "a store over HDFS, S3, PostgreSQL and Redis: each of them breaks in turn, and what docs/operate.md says of it holds",
  full: { modelBytes: 400e6 },
  small: { modelBytes: 16e6 },
  async run(place, { modelBytes }) {
    await using fleet = await Fleet.over(place, modelBytes);
    await fleet.begin();
    await fleet.withoutCache();
    await fleet.withoutHdfs();
    await fleet.withoutBucket();
    await fleet.withoutCatalog();
    await fleet.catalogLost();
    await fleet.bucketLost();
    await fleet.removedByMistake();
  },
});

class Fleet implements AsyncDisposable {
  readonly #place: Place;
  readonly #holdfast: Holdfast;
  readonly #lake: HdfsEngine;
  readonly #bucket: string;
  readonly #schema = `operate_${randomBytes(4).toString("hex")}`;
  readonly #bytes: number;
  readonly #source: string;
  #model: MadeModel | undefined;
  #versions = new Map<string, Digests>();

  private constructor(place: Place, lake: HdfsEngine, { minio }: Addresses, bytes: number) {
    this.#place = place;
    this.#lake = lake;
    this.#holdfast = new Holdfast(place.folder);
    this.#bucket = freshUrl(minio);
    this.#bytes = bytes;
    this.#source = join(place.folder, "model");
  }

  static async over(place: Place, bytes: number): Promise<Fleet> {
    const addresses = addressesOf(engines);
    const fleet = new Fleet(place, (await HdfsEngine.found()) as HdfsEngine, addresses, bytes);
    await mkdir(fleet.#holdfast.store, { recursive: true });
    await writeFile(fleet.#settingsFile, fleet.#settings(addresses));
    return fleet;
  }

  #settings({ postgres, "redis-ring": nodes }: Addresses): string {
    const catalog = new URL(postgres);
    catalog.searchParams.set("schema", this.#schema);
    const ring = nodes.split(",").map((node) => JSON.stringify(node));
    return [
      `catalog: ${JSON.stringify(catalog.href)}`,
      "replicas: 2",
      "volumes:",
      `  - { name: lake, url: ${JSON.stringify(`${this.#lake.url(2)}&counts=1`)}, domain: dc1 }`,
      `  - { name: cloud, url: ${JSON.stringify(this.#bucket)}, domain: dc2 }`,
      "cache:",
      `  - { redis: [${ring.join(", ")}], copies: 2, prefix: ${this.#schema} }`,
      "",
    ].join("\n");
  }

  get #settingsFile(): string {
    return join(this.#holdfast.store, "holdfast.yaml");
  }

  get #say(): Place["say"] {
    return this.#place.say;
  }

  /** A version of the model, kept with the sums of its files. */
  async #push(words: readonly string[] = []): Promise<string> {
    this.#model ??= await makeModel(this.#source, { bytes: this.#bytes, parts: 2, seed: 7 });
    const { version } = await this.#holdfast.push(this.#source, "acme/model", words, patience(this.#bytes * 20));
    this.#versions.set(version, await digestsOf(this.#source));
    return version;
  }

  async #edit(seed: number): Promise<void> {
    await redrawRows(this.#source, this.#model as MadeModel, 0.02, seed);
  }

  /** Loads a version into an empty folder and compares every file; returns what the command told. */
  async #load(version: string): Promise<{ fetchedBytes: number; cachedBytes: number; seconds: number }> {
    const target = join(this.#place.folder, "loaded");
    const pulled = await this.#holdfast.pull(`acme/model@${version}`, target, [], patience(this.#bytes * 20));
    assertSame(await digestsOf(target), this.#versions.get(version) as Digests, version);
    await rm(target, { recursive: true });
    return pulled;
  }

  get #newest(): string {
    return [...this.#versions.keys()].at(-1) as string;
  }

  async #fails(words: readonly string[], exitCode: number): Promise<Ended> {
    const ended = await this.#holdfast.run(words, patience(this.#bytes * 20));
    assert.equal(ended.exitCode, exitCode, `${words.join(" ")}: ${ended.stderr}`);
    const { code, message, advice } = ended.json?.error ?? assert.fail(ended.stderr);
    this.#say(`  ${words[0]}: ${code} after ${ended.seconds.toFixed(1)} s: ${message.slice(0, 160)} — ${advice}`);
    return ended;
  }

  async begin(): Promise<void> {
    await this.#push(["-m", "first"]);
    const before = await this.#load(this.#newest);
    const after = await this.#load(this.#newest);
    assert.ok(after.fetchedBytes < this.#bytes / 100, "of the second load, only the manifest comes from a volume");
    this.#say(`pushed and loaded: first ${before.fetchedBytes} bytes from volumes, then ${after.cachedBytes} from Redis`);
  }

  async withoutCache(): Promise<void> {
    const back = await killEngine("redis-ring");
    const { fetchedBytes, seconds } = await this.#load(this.#newest);
    assert.ok(fetchedBytes > 0);
    await back();
    this.#say(`without Redis: loaded from the volumes in ${seconds.toFixed(1)} s`);
  }

  async withoutHdfs(): Promise<void> {
    await this.#without("hdfs", "lake", 2);
  }

  async withoutBucket(): Promise<void> {
    await this.#without("minio", "cloud", 3);
  }

  /** A volume is away: loads go on, a push with all its replicas is refused, one with fewer is taken, and a repair makes the rest when it is back. */
  async #without(engine: "hdfs" | "minio", volume: string, seed: number): Promise<void> {
    await this.#holdfast.ok(["cache", "clear"]);
    const back = await killEngine(engine);
    try {
      const { seconds } = await this.#load(this.#newest);
      this.#say(`without ${volume}: loaded in ${seconds.toFixed(1)} s`);
      await this.#edit(seed);
      await this.#fails(["push", this.#source, "acme/model"], unreachable);
      await this.#push(["--min-replicas", "1"]);
    } finally {
      await back();
    }
    const repaired = await this.#holdfast.ok<{ repaired: number; failed: number }>(["repair"]);
    assert.ok(repaired.repaired > 0 && repaired.failed === 0, JSON.stringify(repaired));
    await this.#holdfast.ok(["doctor"]);
    this.#say(`${volume} is back: ${repaired.repaired} objects repaired, doctor is content`);
  }

  async withoutCatalog(): Promise<void> {
    const back = await killEngine("postgres");
    try {
      await this.#fails(["ls"], unreachable);
    } finally {
      await back();
    }
    await this.#load(this.#newest);
  }

  async catalogLost(): Promise<void> {
    const before = await this.#holdfast.ok(["log", "acme/model"]);
    await this.#sql(`drop schema ${this.#schema} cascade`);
    await this.#fails(["ls"], unreachable);
    const rebuilt = await this.#holdfast.ok<{ versions: number; seconds: number }>(["rebuild"]);
    await this.#holdfast.ok(["repair"]);
    assert.deepEqual({ ...(await this.#holdfast.ok(["log", "acme/model"])), peakBytes: 0 }, { ...before, peakBytes: 0 });
    for (const version of this.#versions.keys()) await this.#load(version);
    this.#say(`catalog lost: ${rebuilt.versions} versions rebuilt from the volumes in ${rebuilt.seconds.toFixed(1)} s, with the same log, and all load`);
  }

  /** Everything in the bucket is gone, for good: another volume takes its place. */
  async bucketLost(): Promise<void> {
    await emptyPlace(this.#bucket);
    await this.#holdfast.ok(["cache", "clear"]);
    await this.#load(this.#newest);
    await writeFile(
      this.#settingsFile,
      (await readFile(this.#settingsFile, "utf8")).replace(/ - \{ name: cloud.*/, " - { name: spare, url: volumes/spare, domain: dc3 }"),
    );
    const drained = await this.#holdfast.ok<{ copied: number; left: number; seconds: number }>(["volumes", "drain", "cloud"], patience(this.#bytes * 20));
    assert.equal(drained.left, 0);
    await this.#holdfast.ok(["volumes", "remove", "cloud"]);
    const { clean } = await this.#holdfast.ok<{ clean: boolean }>(["doctor"]);
    assert.ok(clean);
    for (const version of this.#versions.keys()) await this.#load(version);
    this.#say(`bucket lost: ${drained.copied} objects copied to a new volume in ${drained.seconds.toFixed(1)} s, doctor is content, and all versions load`);
  }

  async removedByMistake(): Promise<void> {
    const version = this.#newest;
    await this.#holdfast.ok(["rm", "acme/model", "--yes"]);
    await this.#holdfast.ok(["tag", `acme/model@${version}`, "main"]);
    await this.#load(version);
    this.#say("removed by mistake: until the next gc the version can be given its name again");
  }

  async #sql(text: string): Promise<void> {
    await service("postgres", "psql", "-q", "-c", text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sql(`drop schema if exists ${this.#schema} cascade`);
    await emptyPlace(this.#bucket);
    await this.#lake.remove();
  }
}
