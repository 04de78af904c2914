/** Shards, manifests, lines of the ref log and whole volumes that lie. Each case changes a store that was good a moment ago. */
import { execFile } from "node:child_process";
import { mkdir, readFile, rm, symlink, truncate } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { zstdCompressSync } from "node:zlib";
import { encodingIds } from "../../../src/bytes/codecs/index.ts";
import { blake3, crc32c } from "../../../src/bytes/digests/index.ts";
import { type ForgedFile, type ForgedFrame, type ForgedVolume, forgeManifest, forgeShard, framesOf, reseal } from "./forge.ts";

export interface ObjectCase {
  readonly name: string;
  /** `outside` is a folder that nothing may touch. */
  readonly make: (volume: ForgedVolume, outside: string) => Promise<unknown>;
}

const noise = Buffer.from(Uint8Array.from({ length: 1 << 20 }, (_, at) => (Math.imul(at + 1, 0x9e3779b1) >>> 13) & 255));
const digestOf = (bytes: Uint8Array): Uint8Array => blake3(bytes);

/** The largest shard, its place taken by one with a name that fits. */
const forged =
  (make: (shard: Buffer) => { digest: string; bytes: Buffer }) =>
  async (volume: ForgedVolume): Promise<void> => {
    const replica = await volume.largestShard();
    await volume.swap(replica, make(await readFile(replica.path)) as ReturnType<typeof forgeShard>);
  };

/** Other bytes under the name of the largest shard. */
const overwritten =
  (make: (shard: Buffer) => Uint8Array) =>
  async (volume: ForgedVolume): Promise<void> => {
    const replica = await volume.largestShard();
    await volume.replace(replica, make(await readFile(replica.path)));
  };

function* cutShards(): Generator<ObjectCase> {
  const places: Record<string, (bytes: number) => number> = {
    "to nothing": () => 0,
    "to one byte": () => 1,
    "in the header": () => 100,
    "after the header": () => 4096,
    "in the middle": (bytes) => bytes >> 1,
    "before the footer": (bytes) => bytes - 64,
    "by one byte": (bytes) => bytes - 1,
    "to a hole of 1 GiB": () => 2 ** 30,
    "to a hole of 1 TiB": () => 2 ** 40,
  };
  for (const [name, at] of Object.entries(places))
    yield {
      name: `shard: cut ${name}`,
      make: async (volume) => {
        const { path, bytes } = await volume.largestShard();
        await truncate(path, at(bytes));
      },
    };
}

const footers: Record<string, (footer: Buffer) => void> = {
  "2^32 − 1 frames": (footer) => footer.writeUInt32LE(0xffffffff, 16),
  "no frames": (footer) => footer.writeUInt32LE(0, 16),
  "index at 2^63": (footer) => footer.writeBigUInt64LE(2n ** 63n, 8),
  "index at 0": (footer) => footer.writeBigUInt64LE(0n, 8),
  "index that is a frame": (footer) => footer.writeBigUInt64LE(4096n, 8),
  "length of 2^64 − 1": (footer) => footer.writeBigUInt64LE(2n ** 64n - 1n, 24),
};

const entries: Record<string, (index: Buffer) => void> = {
  "frame at 2^63": (index) => index.writeBigUInt64LE(2n ** 63n, 0),
  "frame at 0": (index) => index.writeBigUInt64LE(0n, 0),
  "frames over each other": (index) => index.writeBigUInt64LE(index.readBigUInt64LE(0), 104),
  "raw length of 4 GiB": (index) => forgeHeader(index, (header) => header.writeUInt32LE(0xffffffff, 8)),
  "stored length of 4 GiB": (index) => forgeHeader(index, (header) => header.writeUInt32LE(0xffffffff, 12)),
  "encoding 255": (index) => forgeHeader(index, (header) => header.writeUInt8(255, 4)),
  "depth 255": (index) => forgeHeader(index, (header) => header.writeUInt8(255, 7)),
  "frame version 9": (index) => forgeHeader(index, (header) => header.writeUInt8(9, 5)),
  "the digest of the next frame": (index) => forgeHeader(index, (header) => index.copy(header, 24, 104 + 8 + 24, 104 + 8 + 56)),
};

function forgeHeader(index: Buffer, change: (header: Buffer) => void): void {
  const header = index.subarray(8, 104);
  change(header);
  header.writeUInt32LE(crc32c(header.subarray(0, 92)), 92);
}

function* forgedShards(): Generator<ObjectCase> {
  for (const [name, change] of Object.entries(footers))
    yield { name: `shard: footer with ${name}`, make: forged((shard) => reseal(shard, ({ footer }) => change(footer))) };
  for (const [name, change] of Object.entries(entries))
    yield {
      name: `shard: index with ${name}`,
      make: forged((shard) => {
        const changed = reseal(shard, ({ index }) => change(index));
        return reseal(changed.bytes, () => {});
      }),
    };
  yield { name: "shard: format 2", make: forged((shard) => reseal(shard, ({ header }) => header.writeUInt16LE(2, 8))) };
  yield { name: "shard: domain that leaves its folder", make: forged((shard) => reseal(shard, ({ header }) => header.write("\x07../acme", 16))) };
  yield { name: "shard: text in its place", make: overwritten(() => Buffer.from("hello")) };
  yield { name: "shard: noise in its place", make: overwritten((shard) => noise.subarray(0, Math.min(noise.length, shard.length))) };
  yield { name: "shard: another shard in its place", make: overwritten(() => forgeShard([{ stored: noise.subarray(0, 1000) }]).bytes) };
  yield {
    name: "shard: it again, under a foreign name",
    make: async (volume) => volume.add("shard", "ab".repeat(32), await readFile((await volume.largestShard()).path)),
  };
}

/** A shard that claims the chunks of the largest one, and has something else. */
const claiming =
  (stored: (frame: { rawBytes: number; digest: Uint8Array }) => ForgedFrame) =>
  async (volume: ForgedVolume): Promise<void> => {
    const replica = await volume.largestShard();
    const frames = framesOf(await readFile(replica.path));
    await volume.swap(replica, forgeShard(frames.slice(0, 64).map(({ digest, rawBytes }) => ({ digest, rawBytes, ...stored({ digest, rawBytes }) }))));
  };

function* lyingChunks(): Generator<ObjectCase> {
  for (const [name, encoding] of Object.entries(encodingIds))
    yield { name: `chunk: noise as ${name}`, make: claiming(({ rawBytes }) => ({ encoding, stored: noise.subarray(0, Math.min(rawBytes, 5000)) })) };
  const bomb = zstdCompressSync(Buffer.alloc(64 << 20));
  yield { name: "chunk: 64 MiB of zeros in a few bytes", make: claiming(({ rawBytes }) => ({ encoding: encodingIds.LZ, stored: bomb.subarray(0, rawBytes) })) };
  yield { name: "chunk: nothing stored", make: claiming(() => ({ encoding: encodingIds.CONST, stored: Buffer.alloc(0) })) };
  yield {
    name: "chunk: its own base",
    make: claiming(({ digest }) => ({ base: digest, depth: 1, encoding: encodingIds.CTXDELTA16, stored: noise.subarray(0, 900) })),
  };
  yield {
    name: "chunk: a base that is nowhere",
    make: claiming(() => ({ base: noise.subarray(0, 32), depth: 1, encoding: encodingIds.CTXDELTA16, stored: noise.subarray(0, 900) })),
  };
  yield {
    name: "chunk: two that are each other's base",
    make: async (volume) => {
      const replica = await volume.largestShard();
      const [a, b] = framesOf(await readFile(replica.path)).map(({ digest, rawBytes }) => ({
        digest,
        rawBytes,
        depth: 1,
        encoding: encodingIds.CTXDELTA16,
        stored: noise.subarray(0, 900),
      }));
      if (a && b)
        await volume.swap(
          replica,
          forgeShard([
            { ...a, base: b.digest },
            { ...b, base: a.digest },
          ]),
        );
    },
  };
}

const oneByte = (path: string): ForgedFile => ({ path, bytes: 1, runs: [[0, 22, 1, 1]], digests: digestOf(Buffer.from("x")) });

/** A shard with the one byte that `oneByte` files are made of, so that such a version could be loaded if it were let in. */
const withByte = (volume: ForgedVolume): Promise<string> => {
  const { digest, bytes } = forgeShard([{ stored: Buffer.from("x"), digest: digestOf(Buffer.from("x")) }]);
  return volume.add("shard", digest, bytes);
};

const version =
  (files: (outside: string) => readonly ForgedFile[], told: { files?: number; domain?: string } = {}) =>
  async (volume: ForgedVolume, outside: string): Promise<void> => {
    await withByte(volume);
    await volume.addVersion("acme/forged", forgeManifest("acme/forged", files(outside), told));
  };

const paths = [
  "../evil",
  "a/../../evil",
  "./../evil",
  "..",
  ".",
  "",
  "/evil",
  "//evil",
  "\\..\\evil",
  "a\\..\\..\\evil",
  "C:\\evil",
  "C:evil",
  "a//b",
  "a/",
  "a/./b",
  "evil\0.txt",
  "evil\n",
  "CON",
  "aux.txt",
  ".holdfast/lock",
  ".holdfast/partial/x",
  ".HOLDFAST/lock",
  "trailing. ",
  "trailing.",
  `${"n".repeat(300)}`,
  `${"d/".repeat(60)}f`,
];

function* forgedVersions(): Generator<ObjectCase> {
  for (const path of paths) yield { name: `manifest: path ${JSON.stringify(path.slice(0, 30))}`, make: version(() => [oneByte(path)]) };
  yield { name: "manifest: an absolute path that could be written", make: version((outside) => [oneByte(join(outside, "evil"))]) };
  yield { name: "manifest: a path twice", make: version(() => [oneByte("a"), oneByte("a")]) };
  yield { name: "manifest: paths of one file where case is folded", make: version(() => [oneByte("A"), oneByte("a")]) };
  yield { name: "manifest: a file that is a folder", make: version(() => [oneByte("a"), oneByte("a/b")]) };
  yield { name: "manifest: paths out of order", make: version(() => [oneByte("b"), oneByte("a")]) };
  yield { name: "manifest: another domain", make: version(() => [oneByte("a")], { domain: "other" }) };
  yield { name: "manifest: 2^32 files", make: version(() => [oneByte("a")], { files: 2 ** 32 }) };
  yield { name: "manifest: file of 2^52 bytes", make: version(() => [{ ...oneByte("a"), bytes: 2 ** 52 }]) };
  yield { name: "manifest: file and run of 2^52 bytes", make: version(() => [{ ...oneByte("a"), bytes: 2 ** 52, runs: [[0, 22, 2 ** 52, 1]] }]) };
  yield { name: "manifest: run with step 0", make: version(() => [{ ...oneByte("a"), runs: [[0, 22, 1, 0]] }]) };
  yield { name: "manifest: run of no bytes", make: version(() => [{ ...oneByte("a"), runs: [[0, 22, 0, 1]] }]) };
  yield { name: "manifest: run with element 99", make: version(() => [{ ...oneByte("a"), runs: [[0, 99, 1, 1]] }]) };
  yield { name: "manifest: tiled run of 2^31 columns", make: version(() => [{ ...oneByte("a"), runs: [[1, 0, 1, 1, 2 ** 31, 1]] }]) };
  yield { name: "manifest: tensor outside its file", make: version(() => [{ ...oneByte("a"), tensors: [["t", 0, 1000]] }]) };
  yield { name: "manifest: digest of another length", make: version(() => [{ ...oneByte("a"), digests: Buffer.alloc(31) }]) };
  yield { name: "manifest: the wrong SHA-256", make: version(() => [oneByte("a")]) };
  yield { name: "manifest: a chunk of another length than it says", make: version(() => [{ ...oneByte("a"), bytes: 2, runs: [[0, 22, 2, 2]] }]) };
  yield { name: "manifest: a chunk that is nowhere", make: version(() => [{ ...oneByte("a"), digests: Buffer.alloc(32, 9) }]) };
  for (const share of [0, 0.3, 0.6, 0.99])
    yield {
      name: `manifest: cut at ${100 * share} %`,
      make: async (volume) => {
        for (const { path, bytes } of await volume.objects("manifest")) await truncate(path, Math.floor(bytes * share));
      },
    };
  yield { name: "manifest: arrays in arrays", make: (volume) => volume.addVersion("acme/forged", Buffer.alloc(200_000, 0x81)) };
  yield { name: "manifest: text of 2^63 bytes", make: (volume) => volume.addVersion("acme/forged", Buffer.from("877b7fffffffffffffff", "hex")) };
  yield { name: "manifest: hole of 2 GiB", make: async (volume) => truncate((await volume.objects("manifest"))[0]?.path as string, 2 ** 31) };
}

function* forgedLogs(): Generator<ObjectCase> {
  const lines = {
    "a model that leaves its folder": { model: "../evil" },
    "a ref that leaves its folder": { ref: "../../evil" },
    "no model": { model: "" },
    "sequence 0": { sequence: 0 },
    "sequence 2^53 − 1": { sequence: 2 ** 53 - 1 },
    "a version that is nowhere": { model: "acme/model", to: "ab".repeat(20) },
  };
  for (const [name, line] of Object.entries(lines)) yield { name: `ref log: ${name}`, make: (volume) => volume.addLogLine(line) };
  yield {
    name: "ref log: two lines of one number",
    make: async (volume) => {
      await volume.addLogLine({ sequence: 1, ref: "a" });
      await volume.addLogLine({ sequence: 1, ref: "b" });
    },
  };
  yield { name: "ref log: noise", make: (volume) => volume.add("reflog", "cd".repeat(32), noise.subarray(0, 300)) };
}

/** What a file system can have in the place of a file. */
function* oddFiles(): Generator<ObjectCase> {
  const inPlaceOfShard = (put: (path: string, outside: string) => Promise<unknown>) => async (volume: ForgedVolume, outside: string) => {
    const { path } = await volume.largestShard();
    await rm(path);
    await put(path, outside);
  };
  yield { name: "volume: a link to a file outside in place of a shard", make: inPlaceOfShard((path, outside) => symlink(join(outside, "canary"), path)) };
  yield { name: "volume: a link to nothing in place of a shard", make: inPlaceOfShard((path) => symlink("nowhere", path)) };
  yield { name: "volume: a link to itself in place of a shard", make: inPlaceOfShard((path) => symlink(path, path)) };
  yield { name: "volume: a folder in place of a shard", make: inPlaceOfShard((path) => mkdir(path)) };
  yield { name: "volume: a pipe in place of a shard", make: inPlaceOfShard((path) => promisify(execFile)("mkfifo", [path])) };
  yield { name: "volume: an endless device in place of a shard", make: inPlaceOfShard((path) => symlink("/dev/zero", path)) };
  yield {
    name: "volume: a pipe beside the shards",
    make: async (volume) => promisify(execFile)("mkfifo", [`${(await volume.largestShard()).path.slice(0, -1)}7777`]),
  };
  yield {
    name: "identity: noise",
    make: async (volume) => volume.replace({ volume: volume.root, key: "", bytes: 0, path: join(volume.root, "identity", "volume") }, noise),
  };
  yield { name: "identity: gone", make: (volume) => rm(join(volume.root, "identity"), { recursive: true }) };
}

export function* objectCases(): Generator<ObjectCase> {
  yield* cutShards();
  yield* forgedShards();
  yield* lyingChunks();
  yield* forgedVersions();
  yield* forgedLogs();
  yield* oddFiles();
}
