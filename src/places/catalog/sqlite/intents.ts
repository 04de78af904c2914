/** Intents: leases by the catalog's clock that keep objects and versions from collection while a push or a load needs them. */
import { fault } from "../../../core/errors.ts";
import type { ModelName, VersionId } from "../../../core/names.ts";
import type { IntentId, Intents, ObjectId } from "../catalog.ts";
import type { Runner } from "./engine.ts";
import { revive } from "./object-rows.ts";
import { pin, requireIntent } from "./pins.ts";
import type { Session } from "./session.ts";
import { versionRowOf } from "./versions.ts";

export const intents = (runner: Runner): Intents => ({
  openIntent: (opId, leaseMs) => runner.write((session) => openIntent(session, opId, leaseMs)),
  renewIntent: (intent, leaseMs) => runner.write((session) => renewIntent(session, intent, leaseMs)),
  pinObjects: (intent, objects) => runner.write((session) => pinObjects(session, intent, objects)),
  pinVersion: (intent, model, version) => runner.write((session) => pinVersion(session, intent, model, version)),
  closeIntent: (intent) => runner.write((session) => void session.run("DELETE FROM intent WHERE id = ?", intent)),
  openIntents: () => runner.read(openIntents),
});

/**
 * An operation that is tried again takes over what its earlier try had pinned, so that a resumed push finds it, and fences that try:
 * it may be a process that only seemed dead.
 */
function openIntent(session: Session, opId: string, leaseMs: number): IntentId {
  const earlier = session.get<{ id: IntentId }>("SELECT id FROM intent WHERE op_id = ?", opId)?.id;
  const expiresAt = leaseEnd(session, leaseMs);
  if (earlier !== undefined) session.run("UPDATE intent SET op_id = ? WHERE id = ?", `taken over: ${earlier}`, earlier);
  const intent = session.get<{ id: IntentId }>("INSERT INTO intent (op_id, expires_at) VALUES (?, ?) RETURNING id", opId, expiresAt)?.id as IntentId;
  if (earlier !== undefined) takeOver(session, earlier, intent);
  return intent;
}

function takeOver(session: Session, from: IntentId, to: IntentId): void {
  session.run("UPDATE pin SET intent = ? WHERE intent = ?", to, from);
  session.run("UPDATE version_pin SET intent = ? WHERE intent = ?", to, from);
  session.run("DELETE FROM intent WHERE id = ?", from);
}

function renewIntent(session: Session, intent: IntentId, leaseMs: number): void {
  requireIntent(session, intent);
  session.run("UPDATE intent SET expires_at = ? WHERE id = ?", leaseEnd(session, leaseMs), intent);
}

function leaseEnd(session: Session, leaseMs: number): number {
  if (!Number.isFinite(leaseMs) || leaseMs <= 0) throw fault("ARGUMENT_INVALID", `a lease of ${leaseMs} ms is none`);
  return session.now() + Math.ceil(leaseMs);
}

function pinObjects(session: Session, intent: IntentId, objects: readonly ObjectId[]): ObjectId[] {
  requireIntent(session, intent);
  return objects.filter((object) => {
    const held = revive(session, object);
    if (held) pin(session, intent, object);
    return !held;
  });
}

function pinVersion(session: Session, intent: IntentId, model: ModelName, version: VersionId): void {
  requireIntent(session, intent);
  const row = versionRowOf(session, model, version);
  if (row === undefined) throw fault("REF_MISSING", `${model} has no version ${version} any more`);
  session.run("INSERT OR IGNORE INTO version_pin (intent, version) VALUES (?, ?)", intent, row);
}

function openIntents(session: Session) {
  const sql = "SELECT id, op_id AS opId, expires_at AS expiresAt FROM intent WHERE expires_at > ? ORDER BY id";
  return session.all<{ id: IntentId; opId: string; expiresAt: number }>(sql, session.now()).map((row) => ({ ...row }));
}
