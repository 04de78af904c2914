/** What SQLite's result codes mean to the store (sqlite.org/rescode.html). Decided by number, never by message. */
import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { type ErrorCode, fault, isFault } from "../../../core/errors.ts";

const rebuildAdvice = "Run `holdfast rebuild`: it makes a new catalog from the volumes.";

const primary: Record<number, readonly [ErrorCode, string, string]> = {
  // Our statements are fixed, so one that does not fit the tables means that the tables are not what the file says.
  1: ["CATALOG_CORRUPT", "does not have the tables of its schema version", rebuildAdvice],
  3: ["ACCESS_DENIED", "may not be read or written by this user", "Check the owner and mode of the file and of its folder."],
  5: ["CATALOG_UNREACHABLE", "stayed locked by other writers", "Try again; if it stays so, look for a process that hangs with the store open."],
  6: ["CATALOG_UNREACHABLE", "stayed locked by other writers", "Try again; if it stays so, look for a process that hangs with the store open."],
  8: ["ACCESS_DENIED", "is read-only", "Check the mode of the file and of its folder, and how its file system is mounted."],
  10: ["CATALOG_UNREACHABLE", "could not be read or written", "Check the disk that holds it, then try again."],
  11: ["CATALOG_CORRUPT", "is damaged", rebuildAdvice],
  13: ["VOLUME_FULL", "has no space left on its disk", "Free space where the catalog lies; nothing was changed."],
  15: ["CATALOG_UNREACHABLE", "stayed locked by other writers", "Try again; if it stays so, look for a process that hangs with the store open."],
  23: ["ACCESS_DENIED", "may not be read or written by this user", "Check the owner and mode of the file and of its folder."],
  26: ["CATALOG_CORRUPT", "is not an SQLite database", rebuildAdvice],
};

const ioShortRead = 522;
const ioShmSize = 4874;
const ioCorruptFileSystem = 8458;
const cannotOpen = 14;

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode;
}

/** True for what may pass by itself: another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = (resultCode(error) ?? 0) & 0xff;
  return code === 5 || code === 6 || code === 15;
}

/** The fault for an error of SQLite; any other error as it is. */
export function catalogFault(error: unknown, path: string): unknown {
  const code = resultCode(error);
  if (isFault(error) || code === undefined) return error;
  if (code === ioShortRead || code === ioCorruptFileSystem) return named(11, path, error);
  if (code === ioShmSize) return named(13, path, error);
  if ((code & 0xff) === cannotOpen) return openingFault(path, error);
  return named(code & 0xff, path, error);
}

function named(code: number, path: string, cause: unknown): unknown {
  const row = primary[code];
  if (!row) return cause;
  const [name, what, advice] = row;
  return fault(name, `catalog ${path} ${what}`, { cause, advice });
}

/** SQLite says only that it cannot open; the file system says why. */
function openingFault(path: string, cause: unknown): unknown {
  if (!isFolder(dirname(path)))
    return fault("CATALOG_UNREACHABLE", `the folder of catalog ${path} is not there`, { cause, advice: "Make the folder, or name another store." });
  const denied = !reachable(dirname(path), constants.W_OK | constants.X_OK) || (reachable(path, constants.F_OK) && !reachable(path, constants.W_OK));
  if (denied) return named(3, path, cause);
  return fault("CATALOG_UNREACHABLE", `catalog ${path} could not be opened`, { cause, advice: "Check that the path is a file on a mounted disk." });
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EACCES";
  }
}

function reachable(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
