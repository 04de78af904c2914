/** An object in one request, which the server takes whole or not at all. */
import type { BulkResponse } from "../../../machine/bulk-http/index.ts";
import type { Replayable } from "../volume.ts";
import { failureOf } from "./answer.ts";
import type { S3Api } from "./api.ts";
import { checksumHeader } from "./checksum.ts";
import { requireLanded, type Sent, settleUnknown } from "./landed.ts";

/** Two writers at once, a server that fell over its own feet, or a gateway that lost it: what is there decides. */
export const unknownOutcomes: ReadonlySet<number> = new Set([409, 500, 502, 504]);

/** `guard`: headers under which the server refuses to overwrite. Throws OBJECT_EXISTS, and what `failureOf` makes of an answer. */
export async function putWhole(api: S3Api, sent: Sent, body: Replayable, guard: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
  let answer: BulkResponse;
  try {
    answer = await api.send({ method: "PUT", key: sent.key, headers: { ...guard, [checksumHeader]: sent.checksum }, body: { bulk: body } }, signal);
  } catch (error) {
    return settleUnknown(api, sent, error, signal);
  }
  if (answer.status === 200) return requireLanded(api, sent, signal);
  const failure = failureOf(answer, sent.what);
  if (unknownOutcomes.has(answer.status)) return settleUnknown(api, sent, failure, signal);
  throw failure;
}
