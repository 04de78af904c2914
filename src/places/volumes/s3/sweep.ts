/** Uploads that somebody began and never ended: their parts are in no list and are paid for all the same. Those of this volume that are old are aborted. */
import { MiB } from "../../../core/units.ts";
import type { S3Api } from "./api.ts";
import { inParallel } from "./parallel.ts";
import { childrenOf, parseXml, textIn } from "./xml.ts";

/** No upload of ours lives so long: a writer that still works on an older one is given up. */
const uploadAgeMsMax = 24 * 3600_000;
/** At one go: whatever there is more of is for the next. */
const abortedMax = 100;
const atOnce = 4;

/** Bounded work; returns how many were aborted. Judged by the server's clock, like the times of the uploads. */
export async function sweepUploads(api: S3Api, prefix: string, signal: AbortSignal): Promise<number> {
  const page = Buffer.allocUnsafe(MiB);
  const answer = await api.send({ method: "GET", query: { uploads: "", prefix, "max-uploads": "1000" }, into: [page] }, signal);
  if (answer.status !== 200) return 0;
  const now = Date.parse(answer.headers.get("date") ?? "");
  const uploads = childrenOf(parseXml(page.toString("utf8", 0, answer.bodyBytes)), "Upload").map((element) => ({
    key: textIn(element, "Key") ?? "",
    id: textIn(element, "UploadId") ?? "",
    atMs: Date.parse(textIn(element, "Initiated") ?? ""),
  }));
  // Nothing is older than a time that cannot be read.
  const old = uploads.filter(({ key, id, atMs }) => key.startsWith(prefix) && id !== "" && now - atMs > uploadAgeMsMax).slice(0, abortedMax);
  await inParallel(old, atOnce, signal, async ({ key, id }, joined) => void (await api.send({ method: "DELETE", key, query: { uploadId: id } }, joined)));
  return old.length;
}
