/**
 * A file of a version with some of its bytes replaced, without making the whole file: the chunks that the bytes touch lie at their place in a
 * sparse file, from which they are ingested like those of any other; all others are what they were.
 */
import { type FileHandle, open } from "node:fs/promises";
import { type Band, bandsIn } from "../../bytes/chunking/index.ts";
import { type Digest, parseDigest } from "../../core/digest.ts";
import { fault, throwIfCancelled } from "../../core/errors.ts";
import type { FileEntry } from "../../core/manifest.ts";
import { type ByteRange, lengthOf } from "../../core/range.ts";
import { MiB } from "../../core/units.ts";
import { requireSpan, type Span } from "../../machine/span.ts";
import { eachLimited, type Run, readFileRange, runWindows, type Target, windowsOf } from "../transfer/index.ts";

/** New bytes: given, or in a file from an offset on. */
export type PatchSource = { readonly bytes: Uint8Array } | { readonly path: string; readonly offset: number };

export interface Patch {
  /** Of the sparse file. */
  readonly location: string;
  readonly bands: readonly Band[];
  /** What the bands cover, and the sparse file has. */
  readonly extent: ByteRange;
}

type Reading = Pick<Run, "engine" | "replicas" | "domain" | "signal">;

const copyBytes = 4 * MiB;

/** `range` is not empty. Throws SOURCE_CHANGED where the source has fewer bytes. */
export async function writePatch(reading: Reading, file: FileEntry, range: ByteRange, source: PatchSource, location: string): Promise<Patch> {
  const bands = [...bandsIn(file.runs, range)];
  const [first, last] = [bands[0] as Band, bands.at(-1) as Band];
  const extent = { start: first.start, end: last.start + last.bytes };
  await using sparse = await open(location, "wx");
  await sparse.truncate(file.bytes);
  for (const edge of [{ start: extent.start, end: range.start }, { start: range.end, end: extent.end }]) // biome-ignore format: two of a kind
    await writeAll(sparse, await readFileRange(reading, file, edge), edge.start);
  if ("bytes" in source) await writeAll(sparse, source.bytes, range.start);
  else await copyInto(sparse, source, range, reading.signal);
  return { location, bands, extent };
}

async function copyInto(
  sparse: FileHandle,
  { path, offset }: { readonly path: string; readonly offset: number },
  range: ByteRange,
  signal: AbortSignal,
): Promise<void> {
  await using from = await open(path, "r");
  const block = Buffer.allocUnsafe(Math.min(copyBytes, lengthOf(range)));
  for (let done = 0; done < lengthOf(range); ) {
    throwIfCancelled(signal);
    const { bytesRead } = await from.read(block, 0, Math.min(block.length, lengthOf(range) - done), offset + done);
    if (bytesRead === 0) throw fault("SOURCE_CHANGED", `${path} became shorter while it was read`, { advice: "Try again when nothing writes to it." });
    await writeAll(sparse, block.subarray(0, bytesRead), range.start + done);
    done += bytesRead;
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) done += (await file.write(bytes, done, bytes.byteLength - done, at + done)).bytesWritten;
}

const windowsAtOnce = 3;
const bytesPerJob = 64 * MiB;

/** The SHA-256 of the file with the patch in its place: the rest of it is read from the store, once. */
export async function patchedDigest(reading: Reading, file: FileEntry, { location, extent }: Patch): Promise<Digest> {
  const { engine } = reading;
  const key = engine.world.id();
  const feed = (from: readonly Span[] | { path: string; start: number; bytes: number }, last = false) =>
    engine.pool.run({ kind: "sha256", key, from, last }, 0);
  await feedRange(reading, file, { start: 0, end: extent.start }, feed);
  for (let start = extent.start; start < extent.end; start += bytesPerJob) {
    throwIfCancelled(reading.signal);
    await feed({ path: location, start, bytes: Math.min(bytesPerJob, extent.end - start) });
  }
  await feedRange(reading, file, { start: extent.end, end: file.bytes }, feed);
  return parseDigest((await feed([], true)) as string);
}

/** Windows are made side by side and fed one after the other. */
async function feedRange(reading: Reading, file: FileEntry, range: ByteRange, feed: (spans: readonly Span[]) => Promise<unknown>): Promise<void> {
  const bytes = lengthOf(range);
  if (bytes === 0) return;
  const target: Target = { name: file.path, bytes, parts: [{ file, slice: { start: range.start, rows: 1, rowBytes: bytes, stride: bytes } }] };
  let before: Promise<void> = Promise.resolve();
  await eachLimited(windowsOf([target]), windowsAtOnce, (window) => {
    const turn = before;
    const deliver = async (_: unknown, memory: Uint8Array): Promise<void> => {
      await turn; // throws where the window before it failed: then nobody waits for ever
      await feed([requireSpan(memory.subarray(0, window.bytes))]);
    };
    const sink = { memoryFor: () => undefined, recall: async () => "none" as const, deliver };
    before = runWindows({ ...reading, sink, report: () => {} }, [window]);
    before.catch(() => {});
    return before;
  });
}
