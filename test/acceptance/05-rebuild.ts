/** The catalog is gone: the volumes alone give it back, with the same models, history and bytes. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Holdfast, patience } from "./command.ts";
import { nudgeWeights, redrawRows } from "./make/edits.ts";
import { makeModel } from "./make/model.ts";
import { makeFormats } from "./make/other-files.ts";
import { show } from "./place.ts";
import { assertSame, type Digests, digestsOf } from "./trees.ts";
import { writeSettings } from "./volumes.ts";

/** What people see of a store. Where the same is asked twice, the same is answered. */
async function seen(holdfast: Holdfast): Promise<unknown> {
  const lines = [
    ["ls"],
    ["ls", "acme/model"],
    ...asked.flatMap((model) => [
      ["log", model],
      ["show", model, "--tensors"],
    ]),
    ["diff", "acme/model@first", "acme/model"],
  ];
  const answers: unknown[] = [];
  for (const words of lines) answers.push({ words, ...(await holdfast.ok<object>(words)), seconds: 0, peakBytes: 0 });
  return answers;
}

const asked = ["acme/model", "acme/formats", "other/model"];

export const rebuild = show({
  says: "the catalog file deleted, rebuild gives the same ls, log, show and diff, and every version loads",
  full: { modelBytes: 1e9, volumes: 4, formatBytes: 16e6 },
  small: { modelBytes: 6e6, volumes: 3, formatBytes: 100_000 },
  async run({ folder, say }, { modelBytes, volumes, formatBytes }) {
    const holdfast = new Holdfast(folder);
    const wait = patience(modelBytes * 10);
    await writeSettings(holdfast.store, volumes);
    const versions = new Map<string, Digests>();
    const push = async (source: string, model: string): Promise<void> => {
      const { version } = await holdfast.push(source, model, ["--replicas", "2", "-m", `as ${model}`], wait);
      versions.set(`${model.split("@")[0]}@${version}`, await digestsOf(source));
    };
    const [source, formats] = [join(folder, "model"), join(folder, "formats")];
    const model = await makeModel(source, { bytes: modelBytes, parts: 2, seed: 5 });
    await makeFormats(formats, formatBytes);
    await push(source, "acme/model");
    await holdfast.ok(["tag", "acme/model", "first"]);
    await redrawRows(source, model, 0.01, 1);
    await push(source, "acme/model");
    await nudgeWeights(source, model, 0.01, 2);
    await push(source, "acme/model");
    await push(formats, "acme/formats");
    await push(source, "other/model");
    await push(formats, "other/gone");
    await holdfast.ok(["rm", "other/gone", "--yes"]);
    const before = await seen(holdfast);
    for (const suffix of ["", "-wal", "-shm"]) await rm(join(holdfast.store, `catalog.sqlite${suffix}`), { force: true });
    const refused = await holdfast.run(["ls"]);
    assert.equal(refused.exitCode, 7, `without its catalog the store says so: ${refused.stderr}`);
    const rebuilt = await holdfast.ok<{ seconds: number; objects: number; versions: number }>(["rebuild"], wait);
    assert.deepEqual(await seen(holdfast), before);
    say(`rebuilt ${rebuilt.objects} objects and ${rebuilt.versions} versions in ${rebuilt.seconds.toFixed(1)} s`);
    versions.delete([...versions.keys()].find((name) => name.startsWith("other/gone")) as string);
    for (const [name, digests] of versions) {
      const target = join(folder, "loaded");
      await holdfast.pull(name, target, [], wait);
      assertSame(await digestsOf(target), digests, name);
      await rm(target, { recursive: true });
    }
    await holdfast.ok(["doctor"]);
    say(`${versions.size} versions load with every SHA-256, and doctor is content`);
  },
});
