/** What an intent holds, and whether it still may. */
import { fault } from "../../../core/errors.ts";
import type { IntentId, ObjectId } from "../catalog.ts";
import type { Session } from "./session.ts";

/** A lease that has ended is gone, whether or not a collector has come by since. */
export function requireIntent(session: Session, intent: IntentId): void {
  const expiresAt = session.get<{ expires_at: number }>("SELECT expires_at FROM intent WHERE id = ?", intent)?.expires_at;
  if (expiresAt === undefined) throw fenced(intent, "it was closed, expired or taken over");
  if (expiresAt <= session.now()) throw fenced(intent, "its lease has ended");
}

export function fenced(intent: IntentId, why: string) {
  return fault("INTENT_FENCED", `intent ${intent}: ${why}`, { advice: "Start the operation again: what is still there is not sent twice." });
}

export function pin(session: Session, intent: IntentId, object: ObjectId): void {
  session.run("INSERT OR IGNORE INTO pin (intent, object) VALUES (?, ?)", intent, object);
}

export function isPinned(session: Session, intent: IntentId, object: ObjectId): boolean {
  return session.get("SELECT 1 FROM pin WHERE intent = ? AND object = ?", intent, object) !== undefined;
}
