/** Versions, the objects that each needs, and what an operation ended in. */
import { fault } from "../../../core/errors.ts";
import type { ModelName, VersionId } from "../../../core/names.ts";
import type { ObjectId, VersionBook, VersionRow } from "../catalog.ts";
import type { Runner } from "./engine.ts";
import { revive } from "./object-rows.ts";
import type { Session } from "./session.ts";

type NewVersion = Parameters<VersionBook["addVersion"]>[0];
type Outcome = NonNullable<Awaited<ReturnType<VersionBook["outcome"]>>>;

export const versionBook = (runner: Runner): VersionBook => ({
  addVersion: (row, needs) => runner.write((session) => addVersion(session, row, needs)),
  version: (model, id) => runner.read((session) => select(session, "WHERE model = ? AND id = ?", model, id)[0]),
  versionsLike: (model, prefix, limit) => runner.read((session) => versionsLike(session, model, prefix, limit)),
  history: (model, from, limit) => runner.read((session) => history(session, model, from, limit)),
  needs: (model, id) => runner.read((session) => needs(session, model, id)),
  outcome: (opId) => runner.read((session) => outcome(session, opId)),
  recordOutcome: (opId, model, version) => runner.write((session) => recordOutcome(session, opId, { model, version })),
});

/** A version that is there has all that it needs, so adding it again adds nothing. */
function addVersion(session: Session, row: NewVersion, needed: readonly ObjectId[]): void {
  if (versionRowOf(session, row.model, row.id) !== undefined) return;
  session.run(
    "INSERT INTO version (model, id, parent, message, created_at, files, bytes, manifest) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ...[row.model, row.id, row.parent ?? null, row.message, row.createdAt ?? session.now(), row.files, row.bytes, holding(session, row, row.manifest)],
  );
  const version = versionRowOf(session, row.model, row.id) as number;
  for (const object of new Set([...needed, row.manifest]))
    session.run("INSERT INTO need (version, object) VALUES (?, ?)", version, holding(session, row, object));
}

/** The object, kept from collection from here on. It can be gone only when the pins of the push had ended. */
function holding(session: Session, row: NewVersion, object: ObjectId): ObjectId {
  if (revive(session, object)) return object;
  throw fault("INTENT_FENCED", `version ${row.id} of ${row.model} needs object ${object}, which is not present any more`, {
    advice: "Push again: what is still there is not sent twice.",
  });
}

export function versionRowOf(session: Session, model: ModelName, id: VersionId): number | undefined {
  return session.get<{ row: number }>("SELECT row FROM version WHERE model = ? AND id = ?", model, id)?.row;
}

/** Ids are lower-case hex, so those with a prefix are the ones between it and it followed by the letter after `f`. */
function versionsLike(session: Session, model: ModelName, prefix: string, limit: number): VersionRow[] {
  return select(session, "WHERE model = ? AND id >= ? AND id < ? ORDER BY id LIMIT ?", model, prefix, `${prefix}g`, limit);
}

const line = `
WITH RECURSIVE line (depth, row, parent) AS (
  SELECT 0, row, parent FROM version WHERE model = ?1 AND id = ?2
  UNION ALL
  SELECT line.depth + 1, above.row, above.parent FROM line JOIN version AS above ON above.model = ?1 AND above.id = line.parent
  LIMIT ?3
)`;

function history(session: Session, model: ModelName, from: VersionId, limit: number): VersionRow[] {
  const sql = `${line} SELECT ${columns("v")} FROM line JOIN version AS v ON v.row = line.row ORDER BY line.depth`;
  return session.all<StoredVersion>(sql, model, from, limit).map(versionOf);
}

function needs(session: Session, model: ModelName, id: VersionId): ObjectId[] {
  const sql = "SELECT n.object FROM version AS v JOIN need AS n ON n.version = v.row WHERE v.model = ? AND v.id = ? ORDER BY n.object";
  return session.all<{ object: ObjectId }>(sql, model, id).map((row) => row.object);
}

function outcome(session: Session, opId: string): Outcome | undefined {
  const row = session.get<Outcome>("SELECT model, version FROM outcome WHERE op_id = ?", opId);
  return row && { ...row };
}

function recordOutcome(session: Session, opId: string, { model, version }: Outcome): void {
  const known = outcome(session, opId);
  if (!known) session.run("INSERT INTO outcome (op_id, model, version) VALUES (?, ?, ?)", opId, model, version);
  else if (known.model !== model || known.version !== version)
    throw fault("INTENT_FENCED", `operation ${opId} has already ended in version ${known.version} of ${known.model}`);
}

type StoredVersion = Omit<VersionRow, "parent"> & { readonly parent: VersionId | null };

function columns(table: string): string {
  const plain = ["model", "id", "parent", "message", "files", "bytes", "manifest"].map((name) => `${table}.${name}`);
  return [...plain, `${table}.created_at AS createdAt`].join(", ");
}

function versionOf(row: StoredVersion): VersionRow {
  return { ...row, parent: row.parent ?? undefined };
}

function select(session: Session, where: string, ...values: (string | number)[]): VersionRow[] {
  return session.all<StoredVersion>(`SELECT ${columns("version")} FROM version ${where}`, ...values).map(versionOf);
}
