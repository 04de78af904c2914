/** What a volume has evidence of is not read back; everything else is, and is not believed before. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isFault } from "../../src/core/errors.ts";
import type { Evidence, Volume } from "../../src/places/volumes/index.ts";
import { Stand, weights } from "./stand.ts";

/** One volume that says what it is told to say, and whose bytes of shards may change on their way. */
async function withVolume(evidence: Evidence, spoils: boolean, run: (stand: Stand, gets: () => number) => Promise<void>): Promise<void> {
  await using stand = await Stand.make(1);
  const { volumes } = stand.engine;
  const [row] = await stand.engine.catalog.volumes();
  assert.ok(row);
  const inner = await volumes.get(row.name);
  let gets = 0;
  const volume: Volume = {
    name: inner.name,
    traits: inner.traits,
    put: async (key, body, signal) => {
      await inner.put(key, spoils && key.startsWith("shard/") ? [Buffer.from(Buffer.concat(body).map((byte) => byte ^ 1))] : body, signal);
      return evidence;
    },
    get: async (...call) => {
      if (call[0].startsWith("shard/")) gets++;
      return inner.get(...call);
    },
    stat: (...call) => inner.stat(...call),
    list: (...call) => inner.list(...call),
    remove: (...call) => inner.remove(...call),
    async [Symbol.asyncDispose]() {},
  };
  volumes.get = async () => volume;
  await run(stand, () => gets);
}

const files = { "model.safetensors": weights(3, 200, 2) };

test("with evidence nothing is read back", () =>
  withVolume("checksum", false, async (stand, gets) => {
    await stand.push(files, { replicas: 1 });
    assert.equal(gets(), 0);
  }));

test("without evidence all is read back", () =>
  withVolume("none", false, async (stand, gets) => {
    await stand.push(files, { replicas: 1 });
    assert.ok(gets() > 0);
  }));

test("without evidence other bytes than were sent are not acknowledged", () =>
  withVolume("none", true, (stand) =>
    assert.rejects(stand.push(files, { replicas: 1 }), (error) => isFault(error, "REPLICAS_TOO_FEW") && /read back/.test(error.message)),
  ));
