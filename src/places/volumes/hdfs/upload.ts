/**
 * A file that appears whole or not at all. HDFS closes an upload that was cut as if it were complete, so nothing is believed of it but its
 * length and its checksum: temporary name → bytes to a DataNode → length from the NameNode → checksum from a DataNode → rename that overwrites nothing. An answer that was lost is
 * looked up by the number of the inode, which a file keeps through its rename.
 */
import { fault, type HoldfastError, isFault } from "../../../core/errors.ts";
import { scatterBytes } from "../scatter.ts";
import type { Evidence, Replayable } from "../volume.ts";
import type { FileStatus } from "./answers.ts";
import { isKept } from "./file-checksum.ts";
import { folderOf } from "./layout.ts";
import type { Reach } from "./reach.ts";
import { isElsewhere, isTaken, type Refusal, refusalFault, refusalOf } from "./refusal.ts";

/** Each to another DataNode and under another name: a file that failed is never gone on with. */
const attemptsMax = 3;

/** Undefined when something lies at the path already, which then is as it was. Throws VOLUME_UNREACHABLE, also for an outcome that is not known. */
export async function upload(reach: Reach, path: string, body: Replayable, signal: AbortSignal): Promise<Evidence | undefined> {
  await reach.names.makeFolder(folderOf(path), signal); // a NameNode in safe mode says so here, before any byte is sent
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryUpload(reach, path, body, signal);
    if (!(outcome instanceof Error)) return outcome;
    if (attempt === attemptsMax) throw outcome;
  }
}

/** Returns an error where another DataNode may do better. */
async function tryUpload(reach: Reach, path: string, body: Replayable, signal: AbortSignal): Promise<Evidence | undefined | HoldfastError> {
  const temporary = await reach.temporaries.fresh(signal);
  let published = false;
  try {
    const failure = await send(reach, temporary, body, signal);
    if (failure) return failure;
    const written = await measure(reach, temporary, scatterBytes(body), signal);
    const kept = reach.place.verify === "checksum" ? await isKept(reach, temporary, body, signal) : undefined;
    if (kept === false) return fault("VOLUME_UNREACHABLE", `${temporary} on volume ${reach.volume}: other bytes arrived than were sent`);
    published = await publish(reach, temporary, written, path, signal);
    if (!published) return undefined;
    return kept ? "checksum" : "none";
  } finally {
    if (!published) await reach.temporaries.discard(temporary);
  }
}

/** Returns why the DataNode did not take it; throws what no other DataNode would change. */
async function send(reach: Reach, path: string, body: Replayable, signal: AbortSignal): Promise<HoldfastError | undefined> {
  const what = `CREATE ${path} on volume ${reach.volume}`;
  const url = await placeFor(reach, path, what, signal);
  if (url instanceof Error) return url;
  try {
    const headers = { "content-type": "application/octet-stream" };
    const { status, text } = await reach.client.request({ method: "PUT", url, headers, body }, signal);
    if (status === 201) {
      reach.dataNodes.clear(url);
      return undefined;
    }
    return declined(reach, url, refusalOf(status, text), what);
  } catch (error) {
    if (!isFault(error, "VOLUME_UNREACHABLE")) throw error;
    reach.dataNodes.suspect(url);
    return fault("VOLUME_UNREACHABLE", `${what}: DataNode ${url.host} broke off`, {
      cause: error,
      advice: "See `hdfs dfsadmin -report` for DataNodes that are gone.",
    });
  }
}

async function placeFor(reach: Reach, path: string, what: string, signal: AbortSignal): Promise<URL | HoldfastError> {
  const { replication, blockBytes } = reach.place;
  const excluded = reach.dataNodes.excluded();
  const query = {
    overwrite: "false",
    createparent: "false",
    replication: String(replication),
    ...(blockBytes !== undefined && { blocksize: String(blockBytes) }),
    ...(excluded !== undefined && { excludedatanodes: excluded }),
  };
  const redirect = await reach.names.redirect("PUT", "CREATE", path, query, signal);
  if (!("refusal" in redirect)) return reach.dataNodes.admit(redirect.location, signal);
  const failure = refusalFault(redirect.refusal, what);
  if (excluded === undefined || failure.code !== "VOLUME_UNREACHABLE") throw failure;
  reach.dataNodes.forgive(); // all of them may be suspected: the next attempt asks for any
  return failure;
}

/** No room, no right, safe mode and a bad setting are the same everywhere. */
function declined(reach: Reach, url: URL, refusal: Refusal, what: string): HoldfastError {
  const failure = refusalFault(refusal, `${what}: DataNode ${url.host}`);
  if (failure.code !== "VOLUME_UNREACHABLE" || refusal.exception === "SafeModeException") throw failure;
  if (!isElsewhere(refusal)) reach.dataNodes.suspect(url);
  return failure;
}

async function measure(reach: Reach, path: string, bytes: number, signal: AbortSignal): Promise<FileStatus> {
  const status = await reach.names.status(path, signal);
  if (status?.bytes === bytes) return status;
  const found = status ? `${status.bytes} of ${bytes} bytes arrived` : "it was removed before it had its name";
  throw fault("VOLUME_UNREACHABLE", `${path} on volume ${reach.volume}: ${found}`);
}

/** False when the path is taken by something else. */
async function publish(reach: Reach, temporary: string, written: FileStatus, path: string, signal: AbortSignal): Promise<boolean> {
  const outcome = await reach.names.rename(temporary, path, signal).catch((error: unknown) => error);
  if (outcome === undefined) return true;
  if (outcome instanceof Error && !isFault(outcome, "VOLUME_UNREACHABLE")) throw outcome;
  const there = await reach.names.status(path, signal);
  if (there) return there.fileId === written.fileId;
  if (outcome instanceof Error) throw outcome;
  const refusal = outcome as Refusal;
  if (isTaken(refusal)) return false;
  throw refusalFault(refusal, `RENAME to ${path} on volume ${reach.volume}`);
}
