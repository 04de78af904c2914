/** A model far larger than the memory it passes through; and versions with small edits, which cost little more than one. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Holdfast, patience } from "./command.ts";
import { nudgeWeights, redrawRows } from "./make/edits.ts";
import { makeModel } from "./make/model.ts";
import { percent, show } from "./place.ts";
import { assertSame, digestsOf } from "./trees.ts";

const MiB = 1024 * 1024;
const storedMax = 1.05;

export const memory = show({
  says: "peak memory of push and pull stays within 512 MiB; three versions with a 1 % edit each take at most 1.05 of one",
  full: { modelBytes: 20e9, parts: 8, peakMiB: 512, editShare: 0.01 },
  small: { modelBytes: 240e6, parts: 2, peakMiB: 512, editShare: 0.01 },
  async run({ folder, say }, { modelBytes, parts, peakMiB, editShare }) {
    const source = join(folder, "model");
    const holdfast = new Holdfast(folder);
    const wait = patience(modelBytes);
    let peakMost = 0;
    const hold = (what: string, peakBytes = 0): void => {
      say(`${what}: peak of ${Math.round(peakBytes / MiB)} MiB`);
      peakMost = Math.max(peakMost, peakBytes);
    };
    const model = await makeModel(source, { bytes: modelBytes, parts, seed: 10 });
    const first = await holdfast.push(source, "acme/model", [], wait);
    hold(`push of ${model.bytes} bytes in ${first.seconds.toFixed(1)} s`, first.peakBytes);
    let storedBytes = first.storedBytes;
    const edits = [
      ["rows drawn anew", redrawRows],
      ["weights moved by a step", nudgeWeights],
    ] as const;
    for (const [index, [what, edit]] of edits.entries()) {
      await edit(source, model, editShare, 100 + index);
      const next = await holdfast.push(source, "acme/model", [], wait);
      storedBytes += next.storedBytes;
      hold(
        `push with ${percent(editShare)} ${what}: ${percent(next.newBytes / next.bytes)} in new chunks, stored ${percent(next.storedBytes / first.storedBytes, 2)} of the first`,
        next.peakBytes,
      );
    }
    const after = await digestsOf(source);
    await rm(source, { recursive: true });
    for (const [version, digests] of [
      ["acme/model@main~2", model.digests],
      ["acme/model", after],
    ] as const) {
      const target = join(folder, "loaded");
      const pulled = await holdfast.pull(version, target, [], wait);
      hold(`pull of ${version} in ${pulled.seconds.toFixed(1)} s`, pulled.peakBytes);
      assertSame(await digestsOf(target), digests, version);
      await rm(target, { recursive: true });
    }
    say(`three versions take ${(storedBytes / first.storedBytes).toFixed(3)} of one`);
    assert.ok(peakMost > 0 || process.platform !== "linux", "the peak was measured");
    assert.ok(peakMost <= peakMiB * MiB, `a peak of ${Math.round(peakMost / MiB)} MiB is above ${peakMiB} MiB`);
    assert.ok(storedBytes <= storedMax * first.storedBytes, `three versions take ${(storedBytes / first.storedBytes).toFixed(3)} of one`);
  },
});
