/** The active NameNode of a pair is killed under a load and under a push, and the other one made active: both go on. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Holdfast, patience } from "./command.ts";
import { HdfsEngine } from "./hdfs-engine.ts";
import { makeModel } from "./make/model.ts";
import { type Place, show } from "./place.ts";
import { assertSame, blockBytesUnder, digestsOf } from "./trees.ts";

const killAt = 0.3;

export const hdfsFailover = show({
  says: "the active NameNode killed under a load and under a push, and the other made active: both go on (needs `npm run services -- up --ha hdfs`)",
  full: { modelBytes: 1e9 },
  small: { modelBytes: 60e6 },
  async run(place, { modelBytes }) {
    const engine = await HdfsEngine.found();
    assert.ok(engine && engine.nameNodes.length === 2, "this needs an HDFS with two NameNodes: npm run services -- up --ha hdfs");
    try {
      await failOverTwice(place, engine, modelBytes);
    } finally {
      await engine.remove();
    }
  },
});

async function failOverTwice({ folder, say }: Place, engine: HdfsEngine, modelBytes: number): Promise<void> {
  const wait = patience(modelBytes * 20);
  const holdfast = new Holdfast(folder);
  const [source, target] = [join(folder, "model"), join(folder, "loaded")];
  await holdfast.ok(["volumes", "add", engine.url(3), "--name", "lake"], wait);
  const { digests } = await makeModel(source, { bytes: modelBytes, parts: 2, seed: 1 });
  await holdfast.push(source, "acme/first", ["--replicas", "3"], wait);
  const pull = holdfast.start(["pull", "acme/first", target], wait);
  const loaded = await engine.failOver(pull, killAt * modelBytes, () => blockBytesUnder(target));
  assert.equal((await pull.ended).exitCode, 0, (await pull.ended).stderr);
  assertSame(await digestsOf(target), digests, "loaded through a failover");
  say(`${loaded.killed} killed under a load, ${loaded.active} made active after ${loaded.seconds.toFixed(1)} s: it went on, every SHA-256 as it was`);
  await rm(target, { recursive: true });

  const other = await makeModel(source, { bytes: modelBytes, parts: 2, seed: 2 });
  const before = await engine.bytes();
  const push = holdfast.start(["push", source, "acme/second", "--replicas", "3"], wait);
  const pushed = await engine.failOver(push, killAt * modelBytes, async () => (await engine.bytes()) - before);
  assert.equal((await push.ended).exitCode, 0, (await push.ended).stderr);
  await holdfast.pull("acme/second", target, [], wait);
  assertSame(await digestsOf(target), other.digests, "pushed through a failover");
  await holdfast.ok(["doctor"], wait);
  assert.equal(await engine.temporaries(), 0, "temporaries that are left");
  say(`${pushed.killed} killed under a push, ${pushed.active} made active after ${pushed.seconds.toFixed(1)} s: it went on, loads, and left no temporary`);
}
