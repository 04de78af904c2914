/** What an intent holds, and whether it still may. */
import { fault } from "../../../core/errors.ts";
import type { IntentId, ObjectId } from "../catalog.ts";
import type { Session } from "./session.ts";

/** A lease that has ended is gone, whether or not a collector has come by since. */
export async function requireIntent(session: Session, intent: IntentId): Promise<void> {
  const expiresAt = (await session.get<{ expires_at: number }>("SELECT expires_at FROM intent WHERE id = $1", intent))?.expires_at;
  if (expiresAt === undefined) throw fenced(intent, "it was closed, expired or taken over");
  if (expiresAt <= (await session.now())) throw fenced(intent, "its lease has ended");
}

export function fenced(intent: IntentId, why: string) {
  return fault("INTENT_FENCED", `intent ${intent}: ${why}`, { advice: "Start the operation again: what is still there is not sent twice." });
}

export async function pinAll(session: Session, intent: IntentId, objects: readonly ObjectId[]): Promise<void> {
  if (objects.length === 0) return;
  await session.run("INSERT INTO pin (intent, object) SELECT $1, o.id FROM unnest($2::bigint[]) AS o (id) ON CONFLICT DO NOTHING", intent, objects);
}

export async function isPinned(session: Session, intent: IntentId, object: ObjectId): Promise<boolean> {
  return (await session.get("SELECT 1 FROM pin WHERE intent = $1 AND object = $2", intent, object)) !== undefined;
}
