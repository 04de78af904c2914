/** A model into a store with one replica, synced and read back, beside `cp -r` + `sync`. `npm run bench -- push [options]`, see bench/run.ts. */
import { join } from "node:path";
import { open, type Store } from "../src/index.ts";
import { copyDurably } from "./peers/copy.ts";
import { clear, inPlace, type Place, settle } from "./place.ts";
import { Profiler } from "./profile.ts";
import { warmMemory } from "./quiet.ts";
import { report } from "./results.ts";
import { alternate, type Side } from "./rounds.ts";

const encodings = ["raw", "auto"] as const;

async function ready(place: Place): Promise<void> {
  warmMemory(place.bytes);
  await settle(place, place.model);
}

/** Each round has a new store: in an old one there would be nothing to push. Its threads start within the time. */
function pushSide(place: Place, encode: (typeof encodings)[number], profile: Profiler): Side {
  const folder = join(place.folder, "store");
  let store: Store | undefined;
  return {
    name: `push ${encode}`,
    bytes: place.bytes,
    before: async () => {
      await ready(place);
      store = await open({ store: folder, ...place.size });
    },
    run: async () => {
      const into = store as Store;
      await profile.run(
        place.bytes,
        () => into.measures(),
        () => into.push(place.model, "bench/model", { encode, replicas: 1 }),
      );
      return undefined;
    },
    after: async () => {
      await store?.[Symbol.asyncDispose]();
      await clear(folder);
    },
  };
}

function copySide(place: Place): Side {
  const target = join(place.folder, "target");
  return {
    name: "cp -r + sync",
    bytes: place.bytes,
    before: () => ready(place),
    run: async () => void copyDurably(place.model, target),
    after: () => clear(target),
  };
}

await inPlace(async (place) => {
  const profilers = encodings.map((encode) => new Profiler(`push ${encode}`));
  const sides = encodings.map((encode, index) => pushSide(place, encode, profilers[index] as Profiler));
  const timed = await alternate([...sides, copySide(place)], place.rounds, place.patienceMs);
  const comparisons = encodings.map((encode) => ({ ours: `push ${encode}`, peer: "cp -r + sync", goal: 0.5 }));
  report(
    "push",
    place,
    timed,
    comparisons,
    profilers.flatMap(({ profile }) => profile ?? []),
  );
});
