/**
 * Bytes of a file, from one DataNode and, where that breaks off, from another one at the byte where it broke. A DataNode that dies while it
 * sends ends the body short; what came until then is verified by whoever reads, as all bytes are.
 */
import { fault, isFault } from "../../../core/errors.ts";
import { bytesLaid } from "../../../machine/bulk-http/index.ts";
import { scatterBytes, sliceScatter } from "../scatter.ts";
import type { Scatter } from "../volume.ts";
import type { Reach } from "./reach.ts";
import { isElsewhere, isMissing, type Refusal, refusalFault, refusalOf } from "./refusal.ts";

/** In a row, without a byte: each DataNode with a copy may be dead, and the NameNode not know it yet. */
const failuresMax = 4;

/** What one DataNode gave: bytes, and whether the file ends behind them or the DataNode failed. */
interface Portion {
  readonly bytes: number;
  readonly ended: boolean;
  readonly failure: Error | undefined;
}

/** Fills `into` from `start` on; returns the bytes read, fewer only where the file ends, or undefined where there is no file. */
export async function download(reach: Reach, path: string, start: number, into: Scatter, signal: AbortSignal): Promise<number | undefined> {
  const wanted = scatterBytes(into);
  let failures = 0;
  for (let done = 0; done < wanted; ) {
    const portion = await readPortion(reach, path, start + done, sliceScatter(into, done, wanted), signal);
    if (!portion) return undefined;
    done += portion.bytes;
    if (portion.ended) return done;
    failures = portion.bytes > 0 ? 0 : failures + 1;
    if (portion.failure && failures > failuresMax) throw portion.failure;
  }
  return wanted;
}

async function readPortion(reach: Reach, path: string, at: number, into: Scatter, signal: AbortSignal): Promise<Portion | undefined> {
  const excluded = reach.dataNodes.excluded();
  const query = { offset: String(at), length: String(scatterBytes(into)), ...(excluded !== undefined && { excludedatanodes: excluded }) };
  const redirect = await reach.names.redirect("GET", "OPEN", path, query, signal);
  if ("refusal" in redirect) return refused(reach, path, at, redirect.refusal, excluded !== undefined, signal);
  const url = await reach.dataNodes.admit(redirect.location, signal);
  return receive(reach, path, url, into, signal);
}

/** The NameNode says the same of an offset behind the end, of a file without bytes, and of a block that no DataNode has: the length tells. */
async function refused(reach: Reach, path: string, at: number, refusal: Refusal, excluding: boolean, signal: AbortSignal): Promise<Portion | undefined> {
  const status = isMissing(refusal) ? undefined : await reach.names.status(path, signal);
  if (!status) return undefined;
  if (status.bytes <= at) return { bytes: 0, ended: true, failure: undefined };
  const failure = refusalFault(refusal, `OPEN ${path} on volume ${reach.volume}`);
  if (!excluding) throw failure;
  reach.dataNodes.forgive(); // all copies may be on nodes that failed a moment ago
  return { bytes: 0, ended: false, failure };
}

async function receive(reach: Reach, path: string, url: URL, into: Scatter, signal: AbortSignal): Promise<Portion | undefined> {
  try {
    const { status, bodyBytes, text } = await reach.client.request({ method: "GET", url, headers: {}, into }, signal);
    if (status === 200) {
      reach.dataNodes.clear(url);
      return { bytes: bodyBytes, ended: bodyBytes < scatterBytes(into), failure: undefined };
    }
    return unserved(reach, path, url, refusalOf(status, text));
  } catch (error) {
    if (!isFault(error, "VOLUME_UNREACHABLE")) throw error;
    reach.dataNodes.suspect(url);
    return { bytes: bytesLaid(error), ended: false, failure: brokenOff(reach, path, url, error) };
  }
}

/** A DataNode that cannot reach its NameNode is not at fault; one that cannot read the block is. */
function unserved(reach: Reach, path: string, url: URL, refusal: Refusal): Portion | undefined {
  if (isMissing(refusal)) return undefined;
  const failure = refusalFault(refusal, `OPEN ${path} on volume ${reach.volume}: DataNode ${url.host}`);
  if (failure.code !== "VOLUME_UNREACHABLE") throw failure;
  if (!isElsewhere(refusal)) reach.dataNodes.suspect(url);
  return { bytes: 0, ended: false, failure };
}

function brokenOff({ volume }: Reach, path: string, url: URL, cause: unknown): Error {
  return fault("VOLUME_UNREACHABLE", `OPEN ${path} on volume ${volume}: DataNode ${url.host} broke off`, {
    cause,
    advice: "See `hdfs dfsadmin -report` for DataNodes that are gone.",
  });
}
