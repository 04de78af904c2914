/** Versions, the objects that each needs, and what an operation ended in. */
import { fault } from "../../../core/errors.ts";
import type { ModelName, VersionId } from "../../../core/names.ts";
import type { ObjectId, VersionBook, VersionRow } from "../catalog.ts";
import type { Runner } from "./engine.ts";
import { revive } from "./object-rows.ts";
import type { Session, Value } from "./session.ts";

type NewVersion = Parameters<VersionBook["addVersion"]>[0];
type Outcome = NonNullable<Awaited<ReturnType<VersionBook["outcome"]>>>;

export const versionBook = (runner: Runner): VersionBook => ({
  addVersion: (row, needs) => runner.write((session) => addVersion(session, row, needs)),
  version: (model, id) => runner.read(async (session) => (await select(session, "WHERE v.model = $1 AND v.id = $2", model, id))[0]),
  versionsLike: (model, prefix, limit) => runner.read((session) => versionsLike(session, model, prefix, limit)),
  history: (model, from, limit) => runner.read((session) => history(session, model, from, limit)),
  needs: (model, id) => runner.read((session) => needs(session, model, id)),
  outcome: (opId) => runner.read((session) => outcome(session, opId)),
  recordOutcome: (opId, model, version) => runner.write((session) => recordOutcome(session, opId, { model, version })),
});

/** A version that is there has all that it needs, so adding it again adds nothing. */
async function addVersion(session: Session, row: NewVersion, needed: readonly ObjectId[]): Promise<void> {
  if ((await versionNumberOf(session, row.model, row.id)) !== undefined) return;
  const objects = [...new Set([...needed, row.manifest])];
  await holdAll(session, row, objects);
  await session.run(
    `WITH added AS (
       INSERT INTO version (model, id, parent, message, created_at, files, bytes, manifest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING number
     )
     INSERT INTO need (version, object) SELECT added.number, o.id FROM added, unnest($9::bigint[]) AS o (id)`,
    ...[row.model, row.id, row.parent ?? null, row.message, row.createdAt ?? (await session.now()), row.files, row.bytes, row.manifest, objects],
  );
}

/** Keeps the objects from collection from here on. One can be gone only when the pins of the push had ended. */
async function holdAll(session: Session, row: NewVersion, objects: readonly ObjectId[]): Promise<void> {
  const [gone] = await revive(session, objects);
  if (gone === undefined) return;
  throw fault("INTENT_FENCED", `version ${row.id} of ${row.model} needs object ${gone}, which is not present any more`, {
    advice: "Push again: what is still there is not sent twice.",
  });
}

export async function versionNumberOf(session: Session, model: ModelName, id: VersionId): Promise<number | undefined> {
  return (await session.get<{ number: number }>("SELECT number FROM version WHERE model = $1 AND id = $2", model, id))?.number;
}

/** Ids are lower-case hex, so those with a prefix are the ones between it and it followed by the letter after `f`. */
function versionsLike(session: Session, model: ModelName, prefix: string, limit: number): Promise<VersionRow[]> {
  return select(session, "WHERE v.model = $1 AND v.id >= $2 AND v.id < $3 ORDER BY v.id LIMIT $4", model, prefix, `${prefix}g`, limit);
}

const line = `
WITH RECURSIVE line (depth, number, parent) AS (
  SELECT 0::bigint, number, parent FROM version WHERE model = $1 AND id = $2
  UNION ALL
  SELECT line.depth + 1, above.number, above.parent FROM line JOIN version AS above ON above.model = $1 AND above.id = line.parent
  WHERE line.depth + 1 < $3::bigint
)`;

async function history(session: Session, model: ModelName, from: VersionId, limit: number): Promise<VersionRow[]> {
  const sql = `${line} SELECT ${columns} FROM line JOIN version AS v ON v.number = line.number ORDER BY line.depth LIMIT $3::bigint`;
  return (await session.all<StoredVersion>(sql, model, from, limit)).map(versionOf);
}

async function needs(session: Session, model: ModelName, id: VersionId): Promise<ObjectId[]> {
  const sql = "SELECT n.object FROM version AS v JOIN need AS n ON n.version = v.number WHERE v.model = $1 AND v.id = $2 ORDER BY n.object";
  return (await session.all<{ object: ObjectId }>(sql, model, id)).map((row) => row.object);
}

function outcome(session: Session, opId: string): Promise<Outcome | undefined> {
  return session.get<Outcome>("SELECT model, version FROM outcome WHERE op_id = $1", opId);
}

async function recordOutcome(session: Session, opId: string, { model, version }: Outcome): Promise<void> {
  const known = await outcome(session, opId);
  if (!known) await session.run("INSERT INTO outcome (op_id, model, version) VALUES ($1, $2, $3)", opId, model, version);
  else if (known.model !== model || known.version !== version)
    throw fault("INTENT_FENCED", `operation ${opId} has already ended in version ${known.version} of ${known.model}`);
}

type StoredVersion = Omit<VersionRow, "parent"> & { readonly parent: VersionId | null };

const columns = `v.model, v.id, v.parent, v.message, v.files, v.bytes, v.manifest, v.created_at AS "createdAt"`;

function versionOf(row: StoredVersion): VersionRow {
  return { ...row, parent: row.parent ?? undefined };
}

async function select(session: Session, where: string, ...values: Value[]): Promise<VersionRow[]> {
  return (await session.all<StoredVersion>(`SELECT ${columns} FROM version AS v ${where}`, ...values)).map(versionOf);
}
