/** Refs and their log. A move is one compare-and-set, with its log entry in the same transaction. */
import { fault } from "../../../core/errors.ts";
import type { ModelName, RefName, VersionId } from "../../../core/names.ts";
import type { ObjectId, RefBook, RefLogEntry, RefMove, RefRow } from "../catalog.ts";
import type { Runner } from "./engine.ts";
import { requireObject } from "./object-rows.ts";
import type { Session } from "./session.ts";

export const refBook = (runner: Runner): RefBook => ({
  models: () => runner.read(models),
  refs: (model) => runner.read((session) => refs(session, model)),
  ref: (model, ref) => runner.read((session) => current(session, model, ref)),
  move: (move) => runner.write((session) => moved(session, move)),
  unwrittenLog: (limit) => runner.read((session) => entries(session, "WHERE object IS NULL ORDER BY sequence LIMIT ?", limit)),
  logWritten: (sequence, object) => runner.write((session) => logWritten(session, sequence, object)),
  refLog: (model) => runner.read((session) => entries(session, "WHERE model = ? ORDER BY sequence", model)),
  changes: (after, limit) => runner.read((session) => entries(session, "WHERE sequence > ? ORDER BY sequence LIMIT ?", after, limit)),
});

function models(session: Session): ModelName[] {
  return session.all<{ model: ModelName }>("SELECT DISTINCT model FROM ref ORDER BY model").map((row) => row.model);
}

function refs(session: Session, model: ModelName): RefRow[] {
  const sql = "SELECT model, ref, version, moved_at AS movedAt FROM ref WHERE model = ? ORDER BY ref";
  return session.all<RefRow>(sql, model).map((row) => ({ ...row }));
}

function current(session: Session, model: ModelName, ref: RefName): VersionId | undefined {
  return session.get<{ version: VersionId }>("SELECT version FROM ref WHERE model = ? AND ref = ?", model, ref)?.version;
}

function moved(session: Session, move: RefMove): RefLogEntry {
  const done = sameMove(session, move);
  if (done) return done;
  const from = current(session, move.model, move.ref);
  if (from !== move.expected) throw conflict(move, from);
  if (move.to !== undefined) requireVersion(session, move.model, move.to);
  else if (from === undefined) throw fault("REF_MISSING", `${move.model} has no ref ${move.ref} to remove`);
  const at = session.now();
  const sequence = (session.get<{ last: number }>("SELECT max(sequence) AS last FROM ref_log")?.last ?? 0) + 1;
  const entry = { sequence, model: move.model, ref: move.ref, from, to: move.to, at, opId: move.opId };
  insertEntry(session, entry, undefined);
  setRef(session, entry);
  return entry;
}

/** A move that was asked again, since its answer was lost, is answered as the first time. */
function sameMove(session: Session, move: RefMove): RefLogEntry | undefined {
  const found = entries(session, "WHERE op_id = ? AND model = ? AND ref = ? ORDER BY sequence", move.opId, move.model, move.ref);
  return found.find((entry) => entry.from === move.expected && entry.to === move.to);
}

function conflict(move: RefMove, from: VersionId | undefined) {
  const have = from ?? "absent";
  return fault("REF_CONFLICT", `ref ${move.ref} of ${move.model} is ${have}, not ${move.expected ?? "absent"} as expected`, {
    advice: "Read the ref again, and decide whether the move still makes sense.",
  });
}

function requireVersion(session: Session, model: ModelName, version: VersionId): void {
  if (session.get("SELECT 1 FROM version WHERE model = ? AND id = ?", model, version)) return;
  if (session.get("SELECT 1 FROM version WHERE model = ? LIMIT 1", model)) throw fault("REF_MISSING", `${model} has no version ${version}`);
  throw fault("MODEL_MISSING", `there is no model ${model}`);
}

export function insertEntry(session: Session, entry: RefLogEntry, object: ObjectId | undefined): void {
  const { sequence, model, ref, from, to, at, opId } = entry;
  session.run(
    "INSERT INTO ref_log (sequence, model, ref, from_version, to_version, at, op_id, object) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ...[sequence, model, ref, from ?? null, to ?? null, at, opId, object ?? null],
  );
}

/** Makes the ref what a log entry says. */
export function setRef(session: Session, { model, ref, to, at }: RefLogEntry): void {
  if (to === undefined) session.run("DELETE FROM ref WHERE model = ? AND ref = ?", model, ref);
  else session.run("INSERT OR REPLACE INTO ref (model, ref, version, moved_at) VALUES (?, ?, ?, ?)", model, ref, to, at);
}

function logWritten(session: Session, sequence: number, object: ObjectId): void {
  requireObject(session, object);
  const changed = session.run("UPDATE ref_log SET object = ? WHERE sequence = ?", object, sequence);
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

export function entries(session: Session, where: string, ...values: (string | number)[]): RefLogEntry[] {
  const rows = session.all<EntryRow>(`SELECT sequence, model, ref, from_version, to_version, at, op_id FROM ref_log ${where}`, ...values);
  return rows.map((row) => ({
    ...{ sequence: row.sequence, model: row.model, ref: row.ref },
    ...{ from: row.from_version ?? undefined, to: row.to_version ?? undefined, at: row.at, opId: row.op_id },
  }));
}
