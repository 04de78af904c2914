/** A model in HDFS while HDFS loses nodes, takes no changes, and comes back: loads and pushes go on, and HDFS itself finds every copy. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Holdfast, patience, type Running } from "./command.ts";
import { HdfsEngine } from "./hdfs-engine.ts";
import { makeModel } from "./make/model.ts";
import { type Place, show } from "./place.ts";
import { assertSame, blockBytesUnder, type Digests, digestsOf } from "./trees.ts";

const copies = 3;
const healMsMax = 180_000;
const reportMsMax = 60_000;
/** How far a push or load is when a node under it ends. */
const killAt = 0.3;

export const hdfsFaults = show({
  says: "a model in HDFS: every block thrice, nothing open, nothing left; DataNodes killed under a load and a push, safe mode, and a lost catalog are lived through",
  full: { modelBytes: 2e9 },
  small: { modelBytes: 120e6 },
  async run(place, { modelBytes }) {
    const engine = await HdfsEngine.found();
    assert.ok(engine, "this needs an HDFS: npm run services -- up hdfs");
    try {
      await new HdfsShow(place, engine, modelBytes).run();
    } finally {
      await engine.remove();
    }
  },
});

class HdfsShow {
  readonly #place: Place;
  readonly #engine: HdfsEngine;
  readonly #holdfast: Holdfast;
  readonly #modelBytes: number;
  readonly #wait: ReturnType<typeof patience>;
  readonly #sources = new Map<string, Digests>();

  constructor(place: Place, engine: HdfsEngine, modelBytes: number) {
    this.#place = place;
    this.#engine = engine;
    this.#modelBytes = modelBytes;
    this.#wait = patience(modelBytes * 20);
    this.#holdfast = new Holdfast(place.folder);
  }

  async run(): Promise<void> {
    await this.#holdfast.ok(["volumes", "add", this.#engine.url(copies), "--name", "lake"]);
    await this.#push("acme/first");
    await this.#loadThroughDeath("acme/first", "dn1");
    await this.#pushThroughDeath("acme/second", "dn2");
    await this.#safeMode();
    await this.#upkeep();
  }

  get #say(): Place["say"] {
    return this.#place.say;
  }

  async #source(model: string): Promise<string> {
    const folder = join(this.#place.folder, model.replace("/", "-"));
    const { digests } = await makeModel(folder, { bytes: this.#modelBytes, parts: 2, seed: this.#sources.size + 1 });
    this.#sources.set(model, digests);
    return folder;
  }

  async #push(model: string): Promise<void> {
    const source = await this.#source(model);
    const { seconds, bytes } = await this.#holdfast.push(source, model, ["--replicas", String(copies), "--wait-copies", "60s"], this.#wait);
    // What is written after the wait for copies, the ref log, has its third one reported a moment later.
    const checked = await this.#engine.healed(copies, reportMsMax);
    assert.deepEqual({ ...checked, blocks: 0 }, { blocks: 0, copiesMin: copies, openFiles: 0, healthy: true }, "what fsck finds");
    assert.equal(await this.#engine.temporaries(), 0);
    this.#say(
      `pushed ${bytes} bytes in ${seconds.toFixed(1)} s; fsck: ${checked.blocks} blocks with ${checked.copiesMin} copies each, none open; no temporary left`,
    );
    await rm(source, { recursive: true });
  }

  async #loadThroughDeath(model: string, node: string): Promise<void> {
    const target = join(this.#place.folder, "loaded");
    const kill = await this.#engine.killer(node);
    const pull = this.#holdfast.start(["pull", model, target], this.#wait);
    const share = await this.#killUnder(pull, kill, () => blockBytesUnder(target));
    const { exitCode, stderr, seconds } = await pull.ended;
    assert.equal(exitCode, 0, stderr);
    assertSame(await digestsOf(target), this.#digests(model), `${model}, loaded while ${node} died`);
    this.#say(`${node} killed at ${share} of a load: it succeeded after ${seconds.toFixed(1)} s, every SHA-256 as it was`);
    await rm(target, { recursive: true });
    await this.#engine.start(node);
  }

  async #pushThroughDeath(model: string, node: string): Promise<void> {
    const source = await this.#source(model);
    const before = await this.#engine.bytes();
    const kill = await this.#engine.killer(node);
    const push = this.#holdfast.start(["push", source, model, "--replicas", String(copies)], this.#wait);
    const share = await this.#killUnder(push, kill, async () => (await this.#engine.bytes()) - before);
    const { exitCode, stderr, seconds } = await push.ended;
    assert.equal(exitCode, 0, stderr);
    await this.#assertLoads();
    const checked = await this.#engine.check();
    await this.#waitForCopies();
    await this.#engine.start(node);
    const healed = await this.#engine.healed(copies, healMsMax);
    this.#say(
      `${node} killed at ${share} of a push: it succeeded after ${seconds.toFixed(1)} s and loads; blocks had ${checked.copiesMin} copies at least, and ${healed.copiesMin} again with the node back`,
    );
    assert.equal(healed.openFiles, 0);
    await rm(source, { recursive: true });
  }

  /** With one DataNode of three away, a third copy cannot be had: who waits for it is told, and who is content with two is not kept. */
  async #waitForCopies(): Promise<void> {
    const source = join(this.#place.folder, "small");
    await makeModel(source, { bytes: 1e6, parts: 1, seed: 99 });
    const push = (wait: string): string[] => ["push", source, "acme/small", "--replicas", String(copies), "--wait-copies", wait];
    const { exitCode, json } = await this.#holdfast.run(push("3s"), this.#wait);
    assert.deepEqual([exitCode, json?.error?.code], [7, "REPLICAS_TOO_FEW"], JSON.stringify(json));
    // The second copy is counted when its node has reported it, which on a busy machine takes seconds.
    const { warnings } = await this.#holdfast.ok<{ warnings: string[] }>([...push("15s"), "--min-replicas", "2"], this.#wait);
    assert.match(warnings.join(), /do not have all the copies/);
    this.#say(`waiting for copies with a DataNode away: ${json?.error?.message}`);
  }

  /** Returns how far it was, in words. A run that was faster than that ends the node right behind it. */
  async #killUnder(running: Running, kill: () => void, done: () => Promise<number>): Promise<string> {
    let bytes = 0;
    while (!running.over && bytes < killAt * this.#modelBytes) {
      await sleep(20);
      bytes = await done();
    }
    kill();
    return `${Math.round((100 * bytes) / this.#modelBytes)} %${running.over ? " (it was over by then)" : ""}`;
  }

  async #safeMode(): Promise<void> {
    const source = await this.#source("acme/third");
    await this.#engine.safeMode("enter");
    try {
      await this.#assertLoads(["acme/first"]);
      const { exitCode, json } = await this.#holdfast.run(["push", source, "acme/third"], this.#wait);
      assert.equal(exitCode, 7, JSON.stringify(json));
      assert.match(`${json?.error?.message} ${json?.error?.advice}`, /safe mode/);
      this.#say(`in safe mode loads go on; a push ends with 7: ${json?.error?.advice}`);
    } finally {
      await this.#engine.safeMode("leave");
    }
    await this.#holdfast.push(source, "acme/third", [], this.#wait);
    await rm(source, { recursive: true });
    await this.#assertLoads(["acme/third"]);
  }

  async #upkeep(): Promise<void> {
    const scrubbed = await this.#holdfast.ok<{ checked: number; damaged: number; missing: number }>(["scrub", "--repair"], this.#wait);
    assert.deepEqual([scrubbed.damaged, scrubbed.missing], [0, 0]);
    await this.#holdfast.ok(["rm", "acme/third", "--yes"]);
    this.#sources.delete("acme/third");
    const collected = await this.#holdfast.ok<{ removed: number }>(["gc", "--hold", "0s", "--approve"], this.#wait);
    for (const suffix of ["", "-wal", "-shm"]) await rm(join(this.#holdfast.store, `catalog.sqlite${suffix}`), { force: true });
    const rebuilt = await this.#holdfast.ok<{ objects: number; versions: number }>(["rebuild"], this.#wait);
    await this.#assertLoads();
    await this.#holdfast.ok(["doctor"], this.#wait);
    assert.equal(await this.#engine.temporaries(), 0);
    this.#say(
      `scrub read ${scrubbed.checked} replicas, gc removed ${collected.removed} objects, rebuild found ${rebuilt.objects} objects and ${rebuilt.versions} versions, and all load`,
    );
  }

  async #assertLoads(models: readonly string[] = [...this.#sources.keys()]): Promise<void> {
    for (const model of models) {
      const target = join(this.#place.folder, "again");
      await this.#holdfast.pull(model, target, [], this.#wait);
      assertSame(await digestsOf(target), this.#digests(model), model);
      await rm(target, { recursive: true });
    }
  }

  #digests(model: string): Digests {
    return this.#sources.get(model) as Digests;
  }
}
