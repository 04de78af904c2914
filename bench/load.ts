/**
 * A model out of a store, verified: into files beside `cp -r` + `sync` and what the disk takes, into memory beside threads that only read,
 * and beside the safetensors package. `npm run bench -- load [options]`, see bench/run.ts; `--only files` or `--only memory` does half of it.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { open, type Store } from "../src/index.ts";
import { copyDurably } from "./peers/copy.ts";
import { directDisk } from "./peers/direct-disk.ts";
import { PlainReaders } from "./peers/plain-readers.ts";
import { findSafetensors, type SafetensorsMode, safetensorsAdvice } from "./peers/safetensors.ts";
import { clear, inPlace, type Place, settle } from "./place.ts";
import { Profiler } from "./profile.ts";
import { filesUnder } from "./quiet.ts";
import { compare } from "./results.ts";
import type { Side } from "./rounds.ts";
import { TouchedMemory } from "./touched.ts";

interface Source {
  readonly store: Store;
  readonly encode: "raw" | "auto";
}

const disk = directDisk();

async function stored(place: Place, encode: Source["encode"]): Promise<Source> {
  const store = await open({ store: join(place.folder, encode), ...place.size });
  await store.push(place.model, "bench/model", { encode, replicas: 1 });
  return { store, encode };
}

function pullSide(place: Place, { store, encode }: Source): Side {
  const target = join(place.folder, "target");
  const profiler = new Profiler(`pull ${encode}`);
  return {
    name: `pull ${encode}`,
    bytes: place.bytes,
    before: () => settle(place, store.folder),
    run: async () => {
      await profiler.run(
        place.bytes,
        () => store.measures(),
        () => store.pull("bench/model", target),
      );
      return undefined;
    },
    after: () => clear(target),
    profiler,
  };
}

function fileSides(place: Place, sources: readonly Source[]): Side[] {
  const target = join(place.folder, "target");
  const copy: Side = {
    name: "cp -r + sync",
    bytes: place.bytes,
    before: () => settle(place, place.model),
    run: async () => void copyDurably(place.model, target),
    after: () => clear(target),
  };
  const limit: Side = {
    name: disk.name,
    bytes: place.bytes,
    run: () => disk.write(target, place.bytes),
    after: () => clear(target),
  };
  return [...sources.map((source) => pullSide(place, source)), copy, limit];
}

function memorySide(place: Place, { store, encode }: Source, memory: TouchedMemory, bytes: number): Side {
  const profiler = new Profiler(`memory ${encode}`);
  return {
    name: `loadTensors ${encode}`,
    bytes,
    before: () => settle(place, store.folder, 0),
    run: async () => {
      memory.again();
      await profiler.run(
        bytes,
        () => store.measures(),
        () => store.loadTensors("bench/model", { allocate: memory.allocate }),
      );
      return undefined;
    },
    profiler,
  };
}

/** The largest files to the largest blocks; a block is as large as the tensors of its file. */
async function filesForBlocks(place: Place, memory: TouchedMemory) {
  const parts = (await filesUnder(place.model)).filter((path) => path.endsWith(".safetensors"));
  const sized = await Promise.all(parts.map(async (path) => ({ path, bytes: (await stat(path)).size })));
  sized.sort((a, b) => b.bytes - a.bytes);
  return memory.blocks.map((into, index) => ({ path: sized[index]?.path as string, into }));
}

async function memorySides(place: Place, sources: readonly Source[], readers: PlainReaders): Promise<Side[]> {
  const memory = new TouchedMemory();
  await sources[0]?.store.loadTensors("bench/model", { allocate: memory.allocate });
  const files = await filesForBlocks(place, memory);
  const bytes = memory.blocks.reduce((sum, block) => sum + block.byteLength, 0);
  const before = () => settle(place, place.model, 0);
  const plain: Side = { name: "plain read", bytes, before, run: async () => void (await readers.read(files)) };
  const safetensors = findSafetensors();
  if (!safetensors) console.error(`safetensors for Python is absent: ${safetensorsAdvice}`);
  const modes: readonly SafetensorsMode[] = safetensors ? ["mmap", "read"] : [];
  const paths = files.map(({ path }) => path);
  const python = modes.map((mode): Side => ({ name: `safetensors ${mode}`, bytes, before, run: async () => safetensors?.(mode, paths) }));
  return [...sources.map((source) => memorySide(place, source, memory, bytes)), plain, ...python];
}

await inPlace(async (place) => {
  const [raw, auto] = [await stored(place, "raw"), await stored(place, "auto")];
  await using _raw = raw.store;
  await using _auto = auto.store;
  if (place.wants("files"))
    await compare("load-files", place, fileSides(place, [raw, auto]), [
      { ours: "pull raw", peer: "cp -r + sync", goal: 1.5 },
      { ours: "pull raw", peer: disk.name, goal: 0.75 },
      { ours: "pull auto", peer: "cp -r + sync", goal: 1 },
    ]);
  await using readers = new PlainReaders(raw.store.measures().workers);
  if (place.wants("memory"))
    await compare("load-memory", place, await memorySides(place, [raw, auto], readers), [
      { ours: "loadTensors raw", peer: "plain read", goal: 0.45 },
      { ours: "loadTensors auto", peer: "plain read", goal: undefined },
      { ours: "loadTensors raw", peer: "safetensors mmap", goal: undefined },
      { ours: "loadTensors raw", peer: "safetensors read", goal: undefined },
    ]);
});
