/** Where chunks are stored: one place for each digest of a domain. Every question is one statement, however many digests it has. */
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

/** An integer in the rows. */
const positionsMax = 2 ** 31;

interface StoredPlace {
  readonly object: ObjectId;
  readonly frame_offset: number;
  readonly stored_bytes: number;
  readonly raw_bytes: number;
  readonly encoding: number;
  readonly crc32c: number;
  readonly depth: number;
  readonly base: Uint8Array | null;
}

const placeColumns = "c.object, c.frame_offset, c.stored_bytes, c.raw_bytes, c.encoding, c.crc32c, c.depth, c.base";

/**
 * A search of the index for each row before it, whatever the planner takes the tables for: plans are kept, the index grows from nothing to hundreds of
 * millions, and with old figures a walk over all of it may look cheap. OFFSET 0 keeps a subquery what it is (postgresql.org/docs/current/explicit-joins.html).
 */
const search = (columns: string, condition: string): string => `CROSS JOIN LATERAL (SELECT ${columns} FROM chunk AS c WHERE ${condition} OFFSET 0) AS c`;

/** The digests come packed, as they are, and are cut here: as an array each would travel in hex. */
const find = `
SELECT asked.place, c.*
FROM (SELECT n AS place, substring($2::bytea FROM n * ${digestBytes} + 1 FOR ${digestBytes}) AS digest
      FROM generate_series(0, length($2::bytea) / ${digestBytes} - 1) AS n) AS asked
${search(placeColumns, "c.domain = (SELECT id FROM domain WHERE name = $1) AND c.digest = asked.digest")}`;

async function places(session: Session, domain: DomainName, digests: Uint8Array): Promise<(ChunkPlace | undefined)[]> {
  if (digests.length % digestBytes !== 0) throw fault("ARGUMENT_INVALID", `${digests.length} bytes are not whole digests of ${digestBytes} bytes`);
  const answer: (ChunkPlace | undefined)[] = new Array(digests.length / digestBytes).fill(undefined);
  if (answer.length === 0) return answer;
  for (const row of await session.all<StoredPlace & { place: number }>(find, domain, digests)) answer[row.place] = placeOf(row);
  return answer;
}

function placeOf(row: StoredPlace): ChunkPlace {
  return {
    ...{ object: row.object, offset: row.frame_offset, storedBytes: row.stored_bytes, rawBytes: row.raw_bytes },
    ...{ encoding: row.encoding, crc32c: row.crc32c, base: row.base ?? undefined, depth: row.depth },
  };
}

export async function chunksOf(session: Session, object: ObjectId): Promise<NewChunk[]> {
  const sql = `SELECT c.digest, ${placeColumns} FROM chunk AS c WHERE c.object = $1 ORDER BY c.position`;
  const rows = await session.all<StoredPlace & { digest: Uint8Array }>(sql, object);
  return rows.map((row) => {
    const { object: _, ...place } = placeOf(row);
    return { ...place, digest: row.digest };
  });
}

/** Of several with one digest the first is entered. */
const enter = `
WITH given AS (
  SELECT * FROM unnest($2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::smallint[], $8::smallint[], $9::bytea[])
    WITH ORDINALITY AS g (digest, frame_offset, stored_bytes, raw_bytes, crc32c, encoding, depth, base, place)
), start AS (
  SELECT o.domain, coalesce(max(c.position) + 1, 0) AS position FROM object AS o LEFT JOIN chunk AS c ON c.object = o.id
  WHERE o.id = $1 GROUP BY o.domain
), entered AS (
  INSERT INTO chunk (domain, digest, object, frame_offset, stored_bytes, raw_bytes, crc32c, position, encoding, depth, base)
  SELECT start.domain, digest, $1, frame_offset, stored_bytes, raw_bytes, crc32c, start.position + place - 1, encoding, depth, base
  FROM given, start ORDER BY place
  ON CONFLICT (domain, digest) DO NOTHING RETURNING raw_bytes
)
UPDATE object AS o SET chunks = o.chunks + more.chunks, raw_bytes = o.raw_bytes + more.raw_bytes
FROM (SELECT count(*) AS chunks, sum(raw_bytes)::bigint AS raw_bytes FROM entered) AS more
WHERE o.id = $1 AND more.chunks > 0`;

/** The objects of chunks, and of the chains of bases under them. */
const holders = `
WITH RECURSIVE line (object, base, depth) AS (
  SELECT c.object, c.base, 0 FROM unnest($2::bytea[]) AS asked (digest)
    ${search("c.object, c.base", "c.domain = (SELECT domain FROM object WHERE id = $1) AND c.digest = asked.digest")}
  UNION
  SELECT c.object, c.base, line.depth + 1 FROM line
    ${search("c.object, c.base", "c.domain = (SELECT domain FROM object WHERE id = $1) AND c.digest = line.base")}
  WHERE line.base IS NOT NULL AND line.depth < $3
)
SELECT DISTINCT object FROM line ORDER BY object`;

/**
 * Enters the chunks that the index does not have, in this object. Returns the objects that hold the chunks now, and the chunks that those are
 * deltas against, in the order of their ids.
 */
export async function indexChunks(session: Session, object: ObjectId, chunks: readonly NewChunk[]): Promise<ObjectId[]> {
  if (chunks.length === 0) return [];
  if (chunks.length > positionsMax) throw fault("LIMIT_EXCEEDED", `object ${object} has ${chunks.length} chunks; ${positionsMax} is the most`);
  const digests = chunks.map((chunk) => checked(chunk).digest);
  const column = <K extends keyof NewChunk>(name: K) => chunks.map((chunk) => chunk[name] ?? null);
  await session.run(
    enter,
    ...[object, digests, column("offset"), column("storedBytes"), column("rawBytes"), column("crc32c")],
    ...[column("encoding"), column("depth"), column("base")],
  );
  return (await session.all<{ object: ObjectId }>(holders, object, digests, limits.chainDepthMax)).map((row) => row.object);
}

function checked(chunk: NewChunk): NewChunk {
  const whole = chunk.digest.length === digestBytes && (chunk.base === undefined || chunk.base.length === digestBytes);
  if (!whole) throw fault("ARGUMENT_INVALID", `the digests of a chunk must have ${digestBytes} bytes`);
  return chunk;
}

const drop = `
WITH RECURSIVE gone (domain, digest, row) AS (
  SELECT domain, digest, ctid FROM chunk WHERE object = ANY ($1::bigint[])
  UNION
  SELECT c.* FROM gone ${search("c.domain, c.digest, c.ctid", "c.domain = gone.domain AND c.base = gone.digest")}
), dropped AS (
  DELETE FROM chunk WHERE ctid = ANY (ARRAY (SELECT row FROM gone)) RETURNING object, raw_bytes
)
UPDATE object AS o SET chunks = o.chunks - less.chunks, raw_bytes = o.raw_bytes - less.raw_bytes
FROM (SELECT object, count(*) AS chunks, sum(raw_bytes)::bigint AS raw_bytes FROM dropped GROUP BY object) AS less
WHERE o.id = less.object`;

/**
 * Takes the chunks of objects that are about to be deleted out of the index, and with them every chunk, in any object, that is a delta
 * against one of them: without its base it cannot be read, and a later push must not take it for stored.
 */
export async function dropChunks(session: Session, objects: readonly ObjectId[]): Promise<void> {
  if (objects.length > 0) await session.run(drop, objects);
}
