import assert from "node:assert/strict";
import { type Cases, digest, refused, volume } from "./bench.ts";

export const volumeCases: Cases = {
  "volumes come in the order of their names, as they were set": async (bench) => {
    const row = { name: volume("a0"), url: "file:///ü?x=1", id: digest("a0").slice(0, 32), failureDomain: "rack 7", weight: 0.25, state: "draining" as const };
    await bench.catalog.setVolume(row);
    const rows = await bench.catalog.volumes();
    assert.deepEqual(rows[0], row);
    assert.deepEqual(rows.map((one) => one.name), ["a0", "v1", "v2", "v3"]); // biome-ignore format: one line
  },
  "all of a volume but its name and identity may change": async (bench) => {
    const more = { url: "/elsewhere", failureDomain: "other", weight: 3, state: "draining" as const };
    await bench.addVolume("v1", more);
    const [row] = await bench.catalog.volumes();
    assert.deepEqual({ ...row, ...more }, row);
    assert.equal((await bench.catalog.volumes()).length, 3);
  },
  "a change of a volume keeps its replicas": async (bench) => {
    const object = await bench.store(await bench.intent());
    await bench.addVolume("v1", { state: "draining" });
    assert.equal((await bench.catalog.replicas([object])).length, 2);
  },
  "D13: a name with another identity is refused": async (bench) => {
    const before = await bench.catalog.volumes();
    await refused("VOLUME_FOREIGN", bench.addVolume("v1", { id: digest("clone").slice(0, 32) }));
    assert.deepEqual(await bench.catalog.volumes(), before);
  },
  "D13: an identity with another name is refused": async (bench) => {
    await refused("VOLUME_FOREIGN", bench.addVolume("v9", { id: digest("v1").slice(0, 32) }));
    assert.equal((await bench.catalog.volumes()).length, 3);
  },
  "a volume that is removed takes its replicas along": async (bench) => {
    const object = await bench.store(await bench.intent());
    await bench.catalog.removeVolume(volume("v1"));
    await bench.catalog.removeVolume(volume("v1"));
    assert.deepEqual(await bench.catalog.replicas([object]), [{ object, volume: "v2", state: "good" }]);
    assert.deepEqual((await bench.catalog.volumes()).map((row) => row.name), ["v2", "v3"]); // biome-ignore format: one line
    assert.equal(await bench.state(object), "present");
  },
};
