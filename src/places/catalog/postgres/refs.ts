/**
 * Refs and their log. A move is one compare-and-set, with its log entry in the same transaction. Since writers are alone, the entries become visible in
 * the order of their numbers: whoever reads the log after a number misses nothing that a slower transaction still had in hand.
 */
import { fault } from "../../../core/errors.ts";
import type { ModelName, RefName, VersionId } from "../../../core/names.ts";
import type { ObjectId, RefBook, RefLogEntry, RefMove, RefRow } from "../catalog.ts";
import type { Runner } from "./engine.ts";
import { requireObject } from "./object-rows.ts";
import type { Session, Value } from "./session.ts";

export const refBook = (runner: Runner): RefBook => ({
  models: () => runner.read(models),
  refs: (model) => runner.read((session) => refs(session, model)),
  ref: (model, ref) => runner.read((session) => current(session, model, ref)),
  move: (move) => runner.write((session) => moved(session, move)),
  unwrittenLog: (limit) => runner.read((session) => entries(session, "WHERE object IS NULL ORDER BY sequence LIMIT $1", limit)),
  logWritten: (sequence, object) => runner.write((session) => logWritten(session, sequence, object)),
  refLog: (model) => runner.read((session) => entries(session, "WHERE model = $1 ORDER BY sequence", model)),
  changes: (after, limit) => runner.read((session) => entries(session, "WHERE sequence > $1 ORDER BY sequence LIMIT $2", after, limit)),
});

async function models(session: Session): Promise<ModelName[]> {
  return (await session.all<{ model: ModelName }>("SELECT DISTINCT model FROM ref ORDER BY model")).map((row) => row.model);
}

function refs(session: Session, model: ModelName): Promise<RefRow[]> {
  return session.all<RefRow>(`SELECT model, ref, version, moved_at AS "movedAt" FROM ref WHERE model = $1 ORDER BY ref`, model);
}

async function current(session: Session, model: ModelName, ref: RefName): Promise<VersionId | undefined> {
  return (await session.get<{ version: VersionId }>("SELECT version FROM ref WHERE model = $1 AND ref = $2", model, ref))?.version;
}

async function moved(session: Session, move: RefMove): Promise<RefLogEntry> {
  const done = await sameMove(session, move);
  if (done) return done;
  const from = await current(session, move.model, move.ref);
  if (from !== move.expected) throw conflict(move, from);
  if (move.to !== undefined) await requireVersion(session, move.model, move.to);
  else if (from === undefined) throw fault("REF_MISSING", `${move.model} has no ref ${move.ref} to remove`);
  const entry = { sequence: await nextSequence(session), model: move.model, ref: move.ref, from, to: move.to, at: await session.now(), opId: move.opId };
  await insertEntry(session, entry, undefined);
  await setRef(session, entry);
  await announce(session, entry.sequence);
  return entry;
}

/** A move that was asked again, since its answer was lost, is answered as the first time. */
async function sameMove(session: Session, { opId, model, ref, expected, to }: RefMove): Promise<RefLogEntry | undefined> {
  const where = `WHERE op_id = $1 AND model = $2 AND ref = $3 AND from_version IS NOT DISTINCT FROM $4 AND to_version IS NOT DISTINCT FROM $5
    ORDER BY sequence LIMIT 1`;
  return (await entries(session, where, opId, model, ref, expected ?? null, to ?? null))[0];
}

async function nextSequence(session: Session): Promise<number> {
  const row = await session.get<{ next: number }>("SELECT coalesce(max(sequence), 0) + 1 AS next FROM ref_log");
  return row?.next as number;
}

function conflict(move: RefMove, from: VersionId | undefined) {
  const have = from ?? "absent";
  return fault("REF_CONFLICT", `ref ${move.ref} of ${move.model} is ${have}, not ${move.expected ?? "absent"} as expected`, {
    advice: "Read the ref again, and decide whether the move still makes sense.",
  });
}

async function requireVersion(session: Session, model: ModelName, version: VersionId): Promise<void> {
  const sql = `
    SELECT EXISTS (SELECT 1 FROM version WHERE model = $1 AND id = $2) AS version, EXISTS (SELECT 1 FROM version WHERE model = $1) AS model`;
  const known = await session.get<{ version: boolean; model: boolean }>(sql, model, version);
  if (known?.version) return;
  throw known?.model ? fault("REF_MISSING", `${model} has no version ${version}`) : fault("MODEL_MISSING", `there is no model ${model}`);
}

export async function insertEntry(session: Session, entry: RefLogEntry, object: ObjectId | undefined): Promise<void> {
  const { sequence, model, ref, from, to, at, opId } = entry;
  await session.run(
    "INSERT INTO ref_log (sequence, model, ref, from_version, to_version, at, op_id, object) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    ...[sequence, model, ref, from ?? null, to ?? null, at, opId, object ?? null],
  );
}

/** Makes the ref what a log entry says. */
export async function setRef(session: Session, { model, ref, to, at }: RefLogEntry): Promise<void> {
  if (to === undefined) await session.run("DELETE FROM ref WHERE model = $1 AND ref = $2", model, ref);
  else
    await session.run(
      `INSERT INTO ref (model, ref, version, moved_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (model, ref) DO UPDATE SET version = excluded.version, moved_at = excluded.moved_at`,
      ...[model, ref, to, at],
    );
}

/** To whoever listens, when the transaction commits: a hint, and the log has the fact. The channel is that of this catalog, not of its name. */
async function announce(session: Session, sequence: number): Promise<void> {
  await session.run("SELECT pg_notify('holdfast_' || incarnation, $1) FROM holdfast_catalog", String(sequence));
}

async function logWritten(session: Session, sequence: number, object: ObjectId): Promise<void> {
  await requireObject(session, object);
  const changed = await session.run("UPDATE ref_log SET object = $1 WHERE sequence = $2", object, sequence);
  if (changed === 0) throw fault("ARGUMENT_INVALID", `the ref log has no entry ${sequence}`);
}

interface EntryRow {
  readonly sequence: number;
  readonly model: ModelName;
  readonly ref: RefName;
  readonly from_version: VersionId | null;
  readonly to_version: VersionId | null;
  readonly at: number;
  readonly op_id: string;
}

export async function entries(session: Session, where: string, ...values: Value[]): Promise<RefLogEntry[]> {
  const rows = await session.all<EntryRow>(`SELECT sequence, model, ref, from_version, to_version, at, op_id FROM ref_log ${where}`, ...values);
  return rows.map((row) => ({
    ...{ sequence: row.sequence, model: row.model, ref: row.ref },
    ...{ from: row.from_version ?? undefined, to: row.to_version ?? undefined, at: row.at, opId: row.op_id },
  }));
}
