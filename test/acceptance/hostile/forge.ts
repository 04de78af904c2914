/** Objects of a store as somebody would make them who can write to a volume: every checksum right, and the content a lie. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { blake3Digest, crc32c } from "../../../src/bytes/digests/index.ts";
import { frameHeaderBytes, type PlacedFrame, readShard, sealShard, shardFooterBytes, toPage, writeFrameHeader } from "../../../src/bytes/shards/index.ts";
import { CborWriter } from "../../../src/core/cbor.ts";
import type { Digest } from "../../../src/core/digest.ts";
import type { Manifest } from "../../../src/core/manifest.ts";
import { decodeManifest } from "../../../src/core/manifest-codec.ts";
import { parseDomainName } from "../../../src/core/names.ts";
import { type Replica, replicasOn } from "../volumes.ts";

const domain = "acme";

/** A volume of a store on which nothing happens meanwhile. */
export class ForgedVolume {
  readonly root: string;
  #generation = 900_000;

  constructor(root: string) {
    this.root = root;
  }

  async objects(kind: "shard" | "manifest" | "reflog"): Promise<Replica[]> {
    return (await replicasOn([this.root])).filter(({ key }) => key.startsWith(`${kind}/`));
  }

  async largestShard(): Promise<Replica> {
    return (await this.objects("shard")).reduce((a, b) => (b.bytes > a.bytes ? b : a));
  }

  /** Other bytes where an object is. */
  replace(replica: Replica, bytes: Uint8Array): Promise<void> {
    return writeFile(replica.path, bytes);
  }

  /** A new object under the name that its bytes give it, or another. */
  async add(kind: "shard" | "manifest" | "reflog", digest: string, bytes: Uint8Array): Promise<string> {
    const path = join(this.root, kind, domain, digest.slice(0, 2), `${digest}-${this.#generation++}`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    return path;
  }

  /** In place of the shard that was there. */
  async swap(replica: Replica, forged: ForgedShard): Promise<void> {
    await rm(replica.path);
    await this.add("shard", forged.digest, forged.bytes);
  }

  /** A version that `main` of a model is said to be, and the line of the ref log that says so. */
  async addVersion(model: string, manifest: Uint8Array): Promise<void> {
    const digest = blake3Digest(manifest);
    await this.add("manifest", digest, manifest);
    await this.addLogLine({ model, to: digest.slice(0, 40) });
  }

  async addLogLine(line: Partial<LogLine>): Promise<void> {
    const bytes = logLine({ sequence: 100 + (this.#generation % 1000), model: "acme/forged", ref: "main", to: "0".repeat(40), ...line });
    await this.add("reflog", blake3Digest(bytes), bytes);
  }

  async manifest(model: string): Promise<Manifest> {
    for (const { path } of await this.objects("manifest")) {
      const manifest = decodeManifest(await readFile(path));
      if (manifest.model === model) return manifest;
    }
    throw new Error(`no manifest of ${model}`);
  }
}

export interface ForgedShard {
  readonly digest: Digest;
  readonly bytes: Buffer;
}

/** A frame with its stored bytes. What is not said is as it should be. */
export type ForgedFrame = Partial<PlacedFrame> & { readonly stored: Uint8Array };

const noDigest = new Uint8Array(32).fill(7);

/** A shard of such frames, one behind the other unless they say otherwise. */
export function forgeShard(frames: readonly ForgedFrame[]): ForgedShard {
  let end = 4096;
  const placed = frames.map(({ stored, ...frame }) => {
    const offset = end;
    end += frameHeaderBytes + stored.length;
    const told = {
      digest: noDigest,
      base: undefined,
      depth: 0,
      encoding: 0,
      rawBytes: stored.length,
      storedBytes: stored.length,
      crc32c: crc32c(stored),
      offset,
    };
    return { stored, at: offset, frame: { ...told, ...frame } };
  });
  const body = Buffer.alloc(toPage(end) - 4096);
  for (const { stored, at, frame } of placed) {
    writeFrameHeader(frame, body.subarray(at - 4096));
    body.set(stored, at - 4096 + frameHeaderBytes);
  }
  const { digest, head, tail } = sealShard(
    parseDomainName(domain),
    placed.map(({ frame }) => frame),
    toPage(end),
  );
  return { digest, bytes: Buffer.concat([head, body, tail]) };
}

/** Changes a shard and makes the checksums and the name fit again: of the footer, and of the index where that moved. */
export function reseal(shard: Buffer, change: (parts: { header: Buffer; index: Buffer; footer: Buffer }) => void): ForgedShard {
  const bytes = Buffer.from(shard);
  const footer = bytes.subarray(bytes.length - shardFooterBytes);
  const start = Number(footer.readBigUInt64LE(8));
  const index = bytes.subarray(start, start + footer.readUInt32LE(16) * 104);
  const header = bytes.subarray(0, 128);
  footer.writeUInt32LE(crc32c(index), 20);
  change({ header, index, footer });
  header.writeUInt32LE(crc32c(header.subarray(0, 124)), 124);
  footer.writeUInt32LE(crc32c(footer.subarray(0, 60)), 60);
  return { bytes, digest: blake3Digest(Buffer.concat([header, index, footer])) };
}

export function framesOf(shard: Buffer): readonly PlacedFrame[] {
  return readShard(shard).frames;
}

export interface LogLine {
  readonly sequence: number;
  readonly model: string;
  readonly ref: string;
  /** A version id. */
  readonly to: string;
}

function logLine({ sequence, model, ref, to }: LogLine): Uint8Array {
  const out = new CborWriter();
  out.array(9);
  for (const item of ["holdfast-reflog", 1, sequence, model, ref] as const) typeof item === "number" ? out.uint(item) : out.text(item);
  out.null();
  out.bytes(Buffer.from(to, "hex"));
  out.uint(1_700_000_000_000);
  out.text("op");
  return out.finish();
}

/** A file as a manifest tells it, whatever it tells. */
export interface ForgedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256?: Uint8Array;
  readonly tensors?: readonly (readonly [name: string, start: number, bytes: number])[];
  /** Numbers of each run, as the format has them: [0, element, bytes, step], … */
  readonly runs: readonly (readonly number[])[];
  readonly digests: Uint8Array;
}

/** The bytes of a manifest, without any of the checks of who writes them in earnest. */
export function forgeManifest(model: string, files: readonly ForgedFile[], told: { readonly files?: number; readonly domain?: string } = {}): Uint8Array {
  const out = new CborWriter();
  out.array(7);
  out.text("holdfast-manifest");
  out.uint(1);
  out.text(told.domain ?? domain);
  out.text(model);
  out.null();
  out.text("");
  out.array(told.files ?? files.length);
  for (const file of files) writeFileEntry(out, file);
  return out.finish();
}

function writeFileEntry(out: CborWriter, { path, bytes, sha256 = noDigest, tensors = [], runs, digests }: ForgedFile): void {
  out.array(7);
  out.text(path);
  out.uint(bytes);
  out.bytes(sha256);
  out.text("opaque");
  out.array(tensors.length);
  for (const [name, start, length] of tensors) {
    out.array(6);
    out.text(name);
    out.text("BF16");
    out.uint(0);
    out.array(1);
    out.uint(Math.floor(length / 2));
    out.uint(start);
    out.uint(length);
  }
  out.array(runs.length);
  for (const run of runs) {
    out.array(run.length);
    for (const number of run) out.uint(number);
  }
  out.bytes(digests);
}
