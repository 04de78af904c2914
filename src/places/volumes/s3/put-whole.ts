/** An object in one request, which the server takes whole or not at all. */
import type { BulkResponse } from "../../../machine/bulk-http/index.ts";
import type { Evidence, Replayable } from "../volume.ts";
import type { S3Api } from "./api.ts";
import { checksumHeader } from "./checksum.ts";
import { requireLanded, type Sent } from "./landed.ts";
import { publish } from "./publish.ts";

/** `guard`: headers under which the server refuses to overwrite. Throws OBJECT_EXISTS, and what `failureOf` makes of an answer. */
export async function putWhole(api: S3Api, sent: Sent, body: Replayable, guard: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Evidence> {
  const headers = { ...guard, [checksumHeader]: sent.checksum };
  const send = (): Promise<BulkResponse> => api.sendOnce({ method: "PUT", key: sent.key, headers, body: { bulk: body } }, signal);
  await publish(api, sent, send, signal);
  return requireLanded(api, sent, signal);
}
