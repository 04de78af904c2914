/** What is pushed is what is loaded: every kind of file there is goes in, and comes out elsewhere with the same SHA-256. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Holdfast, patience } from "./command.ts";
import { makeModel } from "./make/model.ts";
import { makeFormats, makeOddFiles, makeSmallFiles } from "./make/other-files.ts";
import { fetchModel, type RealModel, realModels } from "./make/real-models.ts";
import { type Place, percent, show } from "./place.ts";
import { assertSame, bytesUnder, digestsOf } from "./trees.ts";

const cache = fileURLToPath(new URL("../../.cache/acceptance", import.meta.url));

export const roundTrip = show({
  says: "every file of a model in parts, of each format, of odd sizes and names, of many small files, and of real models comes back with its SHA-256",
  full: { modelBytes: 4e9, parts: 8, formatBytes: 64e6, smallFiles: 100_000, realModels: 1 },
  small: { modelBytes: 24e6, parts: 2, formatBytes: 1e6, smallFiles: 300, realModels: 0 },
  async run(place, sizes) {
    const folder = (name: string): string => join(place.folder, name);
    await makeModel(folder("model"), { bytes: sizes.modelBytes, parts: sizes.parts, seed: 1 });
    await goAndReturn(place, "model");
    for (const [name, make] of Object.entries({
      formats: (path: string) => makeFormats(path, sizes.formatBytes),
      odd: makeOddFiles,
      small: (path: string) => makeSmallFiles(path, sizes.smallFiles),
    })) {
      await mkdir(folder(name));
      await make(folder(name));
      await goAndReturn(place, name);
    }
    if (sizes.realModels > 0) for (const name of Object.keys(realModels) as RealModel[]) await realRoundTrip(place, name);
  },
});

async function realRoundTrip(place: Place, name: RealModel): Promise<void> {
  const found = await fetchModel(name, cache);
  if ("reason" in found) return place.say(`skipped: ${name} (${found.reason})`);
  await goAndReturn(place, name, found.folder, realModels[name]);
}

async function goAndReturn(place: Place, name: string, source = join(place.folder, name), what = ""): Promise<void> {
  const holdfast = new Holdfast(place.folder);
  const target = join(place.folder, `${name}-loaded`);
  const wait = patience((await bytesUnder(source)) * 10);
  const before = await digestsOf(source);
  const pushed = await holdfast.push(source, `round/${name}`, [], wait);
  const pulled = await holdfast.pull(`round/${name}`, target, [], wait);
  assertSame(await digestsOf(target), before, `${name}: what was loaded is what was pushed`);
  const stored = pushed.newBytes > 0 ? percent(pushed.storedBytes / pushed.newBytes) : "nothing new";
  const speeds = `push ${pushed.seconds.toFixed(1)} s, pull ${pulled.seconds.toFixed(1)} s`;
  place.say(`${name}: ${before.size} files, ${pushed.bytes} bytes, stored ${stored}, ${speeds}; ${pushed.warnings.length} warnings ${what}`);
}
