/** A model into a store with one replica, synced and read back, beside `cp -r` + `sync`. `npm run bench -- push [options]`, see bench/run.ts. */
import { join } from "node:path";
import { open, type Store } from "../src/index.ts";
import { copyDurably } from "./peers/copy.ts";
import { directDisk } from "./peers/direct-disk.ts";
import { clear, inPlace, type Place, settle } from "./place.ts";
import { Profiler } from "./profile.ts";
import { compare } from "./results.ts";
import type { Side } from "./rounds.ts";

const encodings = ["raw", "auto"] as const;

const disk = directDisk();

/** Each round has a new store: in an old one there would be nothing to push. Its threads start within the time. */
function pushSide(place: Place, encode: (typeof encodings)[number]): Side {
  const profiler = new Profiler(`push ${encode}`);
  const folder = join(place.folder, "store");
  let store: Store | undefined;
  return {
    name: `push ${encode}`,
    bytes: place.bytes,
    before: async () => {
      await settle(place, place.model);
      store = await open({ store: folder, ...place.size });
    },
    run: async () => {
      const into = store as Store;
      await profiler.run(
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
    profiler,
  };
}

function copySide(place: Place): Side {
  const target = join(place.folder, "target");
  return {
    name: "cp -r + sync",
    bytes: place.bytes,
    before: () => settle(place, place.model),
    run: async () => void copyDurably(place.model, target),
    after: () => clear(target),
  };
}

/** What the disk needs at least for a push: the bytes onto it, and back from it. */
function diskSide(place: Place): Side {
  const target = join(place.folder, "target");
  return {
    name: `${disk.name} + read`,
    bytes: place.bytes,
    run: async () => (await disk.write(target, place.bytes)) + (await disk.read(target, place.bytes)),
    after: () => clear(target),
  };
}

await inPlace(async (place) => {
  const sides = [...encodings.map((encode) => pushSide(place, encode)), copySide(place), diskSide(place)];
  await compare("push", place, sides, [
    ...encodings.map((encode) => ({ ours: `push ${encode}`, peer: "cp -r + sync", goal: 0.5 })),
    { ours: "push raw", peer: `${disk.name} + read`, goal: undefined },
  ]);
});
