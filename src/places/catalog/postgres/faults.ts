/** What PostgreSQL's SQLSTATEs mean to the store (postgresql.org/docs/current/errcodes-appendix.html). Decided by code, never by message. */
import { DatabaseError } from "pg";
import { type ErrorCode, fault } from "../../../core/errors.ts";

type Meaning = readonly [ErrorCode, string, string];

const checkServer = "Check that the database server is up and can be reached from here, then try again.";
const checkRights = "Check the user, the password (PGPASSWORD or ~/.pgpass) and what the user has been granted.";
const rebuildAdvice = "Run `holdfast rebuild`: it makes a new catalog from the volumes.";

const byState: Readonly<Record<string, Meaning>> = {
  "3D000": ["CATALOG_UNREACHABLE", "names a database that is not there", "Make it with `createdb`, or name another."],
  "22021": ["ARGUMENT_INVALID", "cannot keep a text with the character NUL", "Leave the character out."],
  "42501": ["ACCESS_DENIED", "refuses this user", "Let the owner of the database make the schema and grant it, or connect as its owner."],
  "53100": ["VOLUME_FULL", "has no space left on its disk", "Free space where the database lies; nothing was changed."],
  "53200": ["CATALOG_UNREACHABLE", "has no memory left", checkServer],
  "53300": ["CATALOG_UNREACHABLE", "has no connection left", "Lower `connections` in the URLs of the stores, or raise max_connections of the server."],
  "54000": ["LIMIT_EXCEEDED", "cannot take so much at once", "Split what is stored."],
  "55P03": ["CATALOG_UNREACHABLE", "stayed locked by another writer", "Try again; if it stays so, look in pg_stat_activity for who holds its lock."],
  "57014": ["CATALOG_UNREACHABLE", "took too long to answer", "Try again; if it stays so, look at the load of the database server."],
  XX001: ["CATALOG_CORRUPT", "is damaged", rebuildAdvice],
  XX002: ["CATALOG_CORRUPT", "has a damaged index", "Run REINDEX on the schema of the catalog, or `holdfast rebuild`."],
  "25006": ["CATALOG_UNREACHABLE", "is read-only: a standby, or not the primary any more", "Name the primary, or all hosts with commas between them."],
};

/** By the first two characters, for what is not in the table above. */
const byClass: Readonly<Record<string, Meaning>> = {
  "08": ["CATALOG_UNREACHABLE", "lost its connection", checkServer],
  "28": ["ACCESS_DENIED", "does not let this user in", checkRights],
  // Our statements are fixed, so one that does not fit the tables means that they are not what the schema's number says.
  "42": ["CATALOG_CORRUPT", "does not have the tables of its schema version", rebuildAdvice],
  "53": ["CATALOG_UNREACHABLE", "is at the end of what the server can give", checkServer],
  "57": ["CATALOG_UNREACHABLE", "was shut down or is starting", checkServer],
  "58": ["CATALOG_UNREACHABLE", "could not be read or written by the server", "Check the disk of the database server, then try again."],
  XX: ["CATALOG_UNREACHABLE", "met an internal error of the server", "Look at the log of the database server."],
};

/** Ended by the server or no longer a primary: the session is of no use, another may be. 25P03, 25P04 and 57P05: it sat idle for too long. */
const ended = /^(?:08...|57P0[1-5]|25P03|25P04|25006)$/;
const conflict = /^(?:40001|40P01)$/;
/** When connecting: the server is there, and has no place for another one now. */
const crowded = "53300";

function stateOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? (error.code ?? "XX000") : undefined;
}

/** A bug of ours, which no retry makes better. */
function isBug(error: unknown): boolean {
  return !(error instanceof Error) || error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}

/**
 * What was asked got no answer for no fault of its own, and may be asked again: the connection is gone, or the transaction was undone for the sake of another
 * one. It stays inside this driver; what callers see is made of its cause.
 */
export class Interrupted extends Error {
  /** The connection is gone. */
  readonly lost: boolean;

  constructor(cause: unknown, lost: boolean) {
    super("interrupted", { cause });
    this.name = "Interrupted";
    this.lost = lost;
  }
}

export function isInterrupted(error: unknown): error is Interrupted {
  return error instanceof Interrupted;
}

/** An error of the client as what it means for the session. Whatever is neither a word of the server nor a bug is the end of the connection. */
export function interruptionOf(error: unknown): unknown {
  const state = stateOf(error);
  const lost = state === undefined ? !isBug(error) : ended.test(state);
  return lost || conflict.test(state ?? "") ? new Interrupted(error, lost) : error;
}

/** True for a refused connection that may be granted in a moment, here or at another host. */
export function mayConnectLater(error: unknown): boolean {
  return isInterrupted(error) || stateOf(error) === crowded;
}

/** The fault for a word of the server, or for an interruption by what caused it; any other error as it is. */
export function catalogFault(error: unknown, label: string): unknown {
  const cause = isInterrupted(error) ? error.cause : error;
  const state = stateOf(cause);
  if (state !== undefined) return named(state, cause, label);
  if (!isInterrupted(error)) return error;
  return fault("CATALOG_UNREACHABLE", `catalog ${label} cannot be reached: ${reasonOf(cause)}`, { cause, advice: checkServer });
}

function named(state: string, error: unknown, label: string): unknown {
  const meaning = byState[state] ?? byClass[state.slice(0, 2)];
  if (!meaning) return error;
  const [code, what, advice] = meaning;
  return fault(code, `catalog ${label} ${what} (SQLSTATE ${state}: ${reasonOf(error)})`, { cause: error, advice });
}

/** Node tells why a host with several addresses refused in the parts of one error. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
