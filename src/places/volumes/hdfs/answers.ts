/** The JSON of WebHDFS, read strictly: what does not have its shape is no answer (VOLUME_UNREACHABLE), never an empty one. */
import { fault } from "../../../core/errors.ts";

export interface FileStatus {
  /** Its name in the folder that was listed; empty where the file itself was asked for. */
  readonly name: string;
  readonly isFile: boolean;
  readonly isFolder: boolean;
  readonly bytes: number;
  /** The number of the inode: stays through a rename, and is never used again in one HDFS. */
  readonly fileId: number;
  /** Milliseconds since 1970 by the NameNode's clock. */
  readonly modifiedMs: number;
}

export interface StatusPage {
  readonly entries: readonly FileStatus[];
  /** Whether more follow behind the last one. */
  readonly more: boolean;
}

type Json = Readonly<Record<string, unknown>>;

function readJson(text: string, what: string): Json {
  try {
    return member(JSON.parse(text), what);
  } catch (error) {
    throw strange(what, error);
  }
}

function strange(what: string, cause?: unknown): Error {
  return fault("VOLUME_UNREACHABLE", `${what}: the answer is not one of WebHDFS`, {
    cause,
    advice: "Check that the port in the URL of the volume is the HTTP port of a NameNode.",
  });
}

function member(value: unknown, what: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw strange(what);
  return value as Json;
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw strange(what);
  return value;
}

function natural(value: unknown, what: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw strange(what);
  return value as number;
}

function text(value: unknown, what: string): string {
  if (typeof value !== "string") throw strange(what);
  return value;
}

function fileStatus(value: unknown, what: string): FileStatus {
  const { pathSuffix, type, length, fileId, modificationTime } = member(value, what);
  const kind = text(type, what);
  return {
    name: text(pathSuffix, what),
    isFile: kind === "FILE",
    isFolder: kind === "DIRECTORY",
    bytes: natural(length, what),
    fileId: natural(fileId, what),
    modifiedMs: natural(modificationTime, what),
  };
}

/** Of GETFILESTATUS. */
export function statusIn(answer: string, what: string): FileStatus {
  return fileStatus(readJson(answer, what).FileStatus, what);
}

/** Of LISTSTATUS_BATCH. */
export function pageIn(answer: string, what: string): StatusPage {
  const listing = member(readJson(answer, what).DirectoryListing, what);
  const statuses = member(member(listing.partialListing, what).FileStatuses, what);
  const entries = list(statuses.FileStatus, what).map((one) => fileStatus(one, what));
  const more = natural(listing.remainingEntries, what) > 0;
  if (more && entries.length === 0) throw strange(what);
  return { entries, more };
}

/** Of MKDIRS and DELETE. */
export function booleanIn(answer: string, what: string): boolean {
  const { boolean } = readJson(answer, what);
  if (typeof boolean !== "boolean") throw strange(what);
  return boolean;
}

/** Of CREATE and OPEN with `noredirect`. */
export function locationIn(answer: string, what: string): string {
  return text(readJson(answer, what).Location, what);
}

export interface KeptChecksum {
  readonly algorithm: string;
  readonly bytes: Buffer;
}

/** Of GETFILECHECKSUM. Behind the bytes of the checksum, its text has some that mean nothing. */
export function checksumIn(answer: string, what: string): KeptChecksum {
  const { algorithm, bytes, length } = member(readJson(answer, what).FileChecksum, what);
  const hex = text(bytes, what);
  if (!/^(?:[0-9a-f]{2}){0,64}$/i.test(hex)) throw strange(what);
  return { algorithm: text(algorithm, what), bytes: Buffer.from(hex, "hex").subarray(0, natural(length, what)) };
}

export interface Blocks {
  readonly bytes: number;
  /** Live copies of the block that has fewest; undefined for a file without blocks. */
  readonly copies: number | undefined;
}

/** Of GET_BLOCK_LOCATIONS. */
export function blocksIn(answer: string, what: string): Blocks {
  const { fileLength, locatedBlocks } = member(readJson(answer, what).LocatedBlocks, what);
  const counts = list(locatedBlocks, what).map((block) => list(member(block, what).locations, what).length);
  return { bytes: natural(fileLength, what), copies: counts.length === 0 ? undefined : counts.reduce((least, count) => Math.min(least, count)) };
}

/** Of the NameNode's bean on the whole file system: raw bytes, each copy counted. */
export function capacityIn(answer: string, what: string): { readonly capacityBytes: number; readonly freeBytes: number } {
  const [bean] = list(readJson(answer, what).beans, what);
  const { CapacityTotal, CapacityRemaining } = member(bean, what);
  return { capacityBytes: natural(CapacityTotal, what), freeBytes: natural(CapacityRemaining, what) };
}

/** Of the NameNode's bean: where DataNodes serve HTTP (`host:port`), and under which address of theirs the NameNode knows each (`ip:port`). */
export function dataNodesIn(answer: string, what: string): Map<string, string> {
  const [bean] = list(readJson(answer, what).beans, what);
  const nodes = readJson(text(member(bean, what).LiveNodes, what), what);
  const found = new Map<string, string>();
  for (const [name, node] of Object.entries(nodes)) {
    const { infoAddr, xferaddr } = member(node, what);
    const [http, data] = [text(infoAddr, what), text(xferaddr, what)];
    const port = http.slice(http.lastIndexOf(":"));
    found.set(http.toLowerCase(), data);
    found.set(`${name.replace(/:[0-9]+$/, "")}${port}`.toLowerCase(), data);
  }
  return found;
}
