/** Where chunks are stored: at most one place for each digest of a domain (schema.ts says how the rows are numbered and found). */
import { digestBytes } from "../../../core/digest.ts";
import { fault } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import type { DomainName } from "../../../core/names.ts";
import type { ChunkIndex, ChunkPlace, NewChunk, ObjectId } from "../catalog.ts";
import type { Runner } from "./engine.ts";
import type { Session } from "./session.ts";

export const chunkIndex = (runner: Runner): ChunkIndex => ({
  places: (domain, digests) => runner.read((session) => places(session, domain, digests)),
});

/** Part of the schema: it must not change with the bound on frames, which it must not be below. */
const positions = 2 ** 20;

interface StoredChunk {
  readonly id: number;
  readonly digest: Uint8Array;
  readonly frame_offset: number;
  readonly stored_bytes: number;
  readonly raw_bytes: number;
  readonly encoding: number;
  readonly crc32c: number;
  readonly depth: number;
  readonly base: Uint8Array | null;
}

const columns = "id, digest, frame_offset, stored_bytes, raw_bytes, encoding, crc32c, depth, base";
const byDigest = `SELECT ${columns} FROM chunk WHERE domain = ? AND prefix = ? AND digest = ?`;
const inObject = "id >= ? AND id < ?";

/** First and past-the-last row number of an object's chunks. */
function rowsOf(object: ObjectId): [number, number] {
  return [object * positions, (object + 1) * positions];
}

/** The first 48 bits of a digest: the most that a JavaScript number takes in whole bytes. */
function prefixOf(digest: Uint8Array): number {
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  return view.getUint32(0) * 0x10000 + view.getUint16(4);
}

function places(session: Session, domain: DomainName, digests: Uint8Array): (ChunkPlace | undefined)[] {
  if (digests.length % digestBytes !== 0) throw fault("ARGUMENT_INVALID", `${digests.length} bytes are not whole digests of ${digestBytes} bytes`);
  const count = digests.length / digestBytes;
  const number = session.get<{ id: number }>("SELECT id FROM domain WHERE name = ?", domain)?.id;
  if (number === undefined) return new Array(count).fill(undefined);
  return Array.from({ length: count }, (_, index) => {
    const row = find(session, number, digests.subarray(index * digestBytes, (index + 1) * digestBytes));
    return row && placeOf(row);
  });
}

function find(session: Session, domain: number, digest: Uint8Array): StoredChunk | undefined {
  return session.get<StoredChunk>(byDigest, domain, prefixOf(digest), digest);
}

function objectOf(row: StoredChunk): ObjectId {
  return Math.floor(row.id / positions) as ObjectId;
}

function placeOf(row: StoredChunk): ChunkPlace {
  return {
    ...{ object: objectOf(row), offset: row.frame_offset, storedBytes: row.stored_bytes, rawBytes: row.raw_bytes },
    ...{ encoding: row.encoding, crc32c: row.crc32c, base: row.base ?? undefined, depth: row.depth },
  };
}

export function chunksOf(session: Session, object: ObjectId): NewChunk[] {
  const rows = session.all<StoredChunk>(`SELECT ${columns} FROM chunk WHERE ${inObject} ORDER BY id`, ...rowsOf(object));
  return rows.map((row) => {
    const { object: _, ...place } = placeOf(row);
    return { ...place, digest: row.digest };
  });
}

/**
 * Enters the chunks that the index does not have, in this object. Returns the objects that hold the chunks now, and the chunks that those are
 * deltas against, in the order of their ids.
 */
export function indexChunks(session: Session, object: ObjectId, chunks: readonly NewChunk[]): ObjectId[] {
  const first = nextPosition(session, object);
  if (first + chunks.length > positions) throw fault("LIMIT_EXCEEDED", `object ${object} has ${first + chunks.length} chunks; ${positions} is the most`);
  const domain = session.get<{ domain: number }>("SELECT domain FROM object WHERE id = ?", object)?.domain as number;
  const holders = new Set<ObjectId>();
  let added = 0;
  let rawBytes = 0;
  for (const [position, chunk] of chunks.entries()) {
    const known = find(session, domain, checked(chunk).digest);
    holders.add(known ? objectOf(known) : object);
    addBases(session, domain, known ? known.base : chunk.base, holders);
    if (known) continue;
    insert(session, object * positions + first + position, domain, chunk);
    added++;
    rawBytes += chunk.rawBytes;
  }
  if (added > 0) session.run("UPDATE object SET chunks = chunks + ?, raw_bytes = raw_bytes + ? WHERE id = ?", added, rawBytes, object);
  return [...holders].sort((a, b) => a - b);
}

/** The holders of the chain of bases under a chunk. */
function addBases(session: Session, domain: number, base: Uint8Array | null | undefined, holders: Set<ObjectId>): void {
  for (let next = base, depth = 0; next && depth < limits.chainDepthMax; depth++) {
    const row = find(session, domain, next);
    if (row) holders.add(objectOf(row));
    next = row?.base;
  }
}

/** Behind the chunks that the index has in the object: a rebuild enters them in several steps. */
function nextPosition(session: Session, object: ObjectId): number {
  const last = session.get<{ last: number | null }>(`SELECT max(id) AS last FROM chunk WHERE ${inObject}`, ...rowsOf(object))?.last ?? undefined;
  return last === undefined ? 0 : last - object * positions + 1;
}

function checked(chunk: NewChunk): NewChunk {
  const whole = chunk.digest.length === digestBytes && (chunk.base === undefined || chunk.base.length === digestBytes);
  if (!whole) throw fault("ARGUMENT_INVALID", `the digests of a chunk must have ${digestBytes} bytes`);
  return chunk;
}

function insert(session: Session, id: number, domain: number, chunk: NewChunk): void {
  session.run(
    `INSERT INTO chunk (domain, prefix, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[domain, prefixOf(chunk.digest), id, chunk.digest, chunk.offset, chunk.storedBytes, chunk.rawBytes, chunk.encoding, chunk.crc32c],
    ...[chunk.depth, chunk.base ?? null],
  );
}

/**
 * Takes the chunks of an object that is about to be deleted out of the index, and with them every chunk, in any object, that is a delta
 * against one of them: without its base it cannot be read, and a later push must not take it for stored.
 */
export function dropChunks(session: Session, object: ObjectId): void {
  const bases = session.all<{ domain: number; digest: Uint8Array }>(`SELECT domain, digest FROM chunk WHERE ${inObject}`, ...rowsOf(object));
  session.run(`DELETE FROM chunk WHERE ${inObject}`, ...rowsOf(object));
  session.run("UPDATE object SET chunks = 0, raw_bytes = 0 WHERE id = ?", object);
  for (const base of bases) dropDeltas(session, base.domain, base.digest);
}

function dropDeltas(session: Session, domain: number, base: Uint8Array): void {
  const sql = "DELETE FROM chunk WHERE domain = ? AND base = ? RETURNING id, digest, raw_bytes";
  for (const row of session.all<StoredChunk>(sql, domain, base)) {
    session.run("UPDATE object SET chunks = chunks - 1, raw_bytes = raw_bytes - ? WHERE id = ?", row.raw_bytes, objectOf(row));
    dropDeltas(session, domain, row.digest);
  }
}
