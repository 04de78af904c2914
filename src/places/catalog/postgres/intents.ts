/** Intents: leases by the catalog's clock that keep objects and versions from collection while a push or a load needs them. */
import { fault } from "../../../core/errors.ts";
import type { ModelName, VersionId } from "../../../core/names.ts";
import type { IntentId, Intents, ObjectId } from "../catalog.ts";
import type { Runner } from "./engine.ts";
import { revive } from "./object-rows.ts";
import { pinAll, requireIntent } from "./pins.ts";
import type { Session } from "./session.ts";
import { versionNumberOf } from "./versions.ts";

export const intents = (runner: Runner): Intents => ({
  openIntent: (opId, leaseMs) => runner.write((session) => openIntent(session, opId, leaseMs)),
  renewIntent: (intent, leaseMs) => runner.write((session) => renewIntent(session, intent, leaseMs)),
  pinObjects: (intent, objects) => runner.write((session) => pinObjects(session, intent, objects)),
  pinVersion: (intent, model, version) => runner.write((session) => pinVersion(session, intent, model, version)),
  closeIntent: (intent) => runner.write(async (session) => void (await session.run("DELETE FROM intent WHERE id = $1", intent))),
  openIntents: () => runner.read(openIntents),
});

/**
 * An operation that is tried again takes over what its earlier try had pinned, so that a resumed push finds it, and fences that try:
 * it may be a process that only seemed dead.
 */
async function openIntent(session: Session, opId: string, leaseMs: number): Promise<IntentId> {
  const expiresAt = await leaseEnd(session, leaseMs);
  const earlier = (await session.get<{ id: IntentId }>("SELECT id FROM intent WHERE op_id = $1", opId))?.id;
  if (earlier !== undefined) await session.run("UPDATE intent SET op_id = $1 WHERE id = $2", `taken over: ${earlier}`, earlier);
  const row = await session.get<{ id: IntentId }>("INSERT INTO intent (op_id, expires_at) VALUES ($1, $2) RETURNING id", opId, expiresAt);
  const intent = row?.id as IntentId;
  if (earlier !== undefined) await takeOver(session, earlier, intent);
  return intent;
}

async function takeOver(session: Session, from: IntentId, to: IntentId): Promise<void> {
  await session.run("UPDATE pin SET intent = $1 WHERE intent = $2", to, from);
  await session.run("UPDATE version_pin SET intent = $1 WHERE intent = $2", to, from);
  await session.run("DELETE FROM intent WHERE id = $1", from);
}

async function renewIntent(session: Session, intent: IntentId, leaseMs: number): Promise<void> {
  await requireIntent(session, intent);
  await session.run("UPDATE intent SET expires_at = $1 WHERE id = $2", await leaseEnd(session, leaseMs), intent);
}

async function leaseEnd(session: Session, leaseMs: number): Promise<number> {
  if (!Number.isFinite(leaseMs) || leaseMs <= 0) throw fault("ARGUMENT_INVALID", `a lease of ${leaseMs} ms is none`);
  return (await session.now()) + Math.ceil(leaseMs);
}

async function pinObjects(session: Session, intent: IntentId, objects: readonly ObjectId[]): Promise<ObjectId[]> {
  await requireIntent(session, intent);
  const refused = await revive(session, objects);
  const held = objects.filter((object) => !refused.has(object));
  await pinAll(session, intent, held);
  return objects.filter((object) => refused.has(object));
}

async function pinVersion(session: Session, intent: IntentId, model: ModelName, version: VersionId): Promise<void> {
  await requireIntent(session, intent);
  const number = await versionNumberOf(session, model, version);
  if (number === undefined) throw fault("REF_MISSING", `${model} has no version ${version} any more`);
  await session.run("INSERT INTO version_pin (intent, version) VALUES ($1, $2) ON CONFLICT DO NOTHING", intent, number);
}

async function openIntents(session: Session) {
  const sql = `SELECT id, op_id AS "opId", expires_at AS "expiresAt" FROM intent WHERE expires_at > $1 ORDER BY id`;
  return session.all<{ id: IntentId; opId: string; expiresAt: number }>(sql, await session.now());
}
