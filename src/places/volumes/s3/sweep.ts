/** Uploads that somebody began and never ended: their parts are in no list and are paid for all the same. Those of this volume that are old are aborted. */
import { MiB } from "../../../core/units.ts";
import type { S3Api } from "./api.ts";
import { inParallel } from "./parallel.ts";
import { childrenOf, parseXml, textIn } from "./xml.ts";

/** At one go: whatever there is more of is for the next. */
const abortedMax = 100;
const atOnce = 4;
const pageBytesMax = 2 * MiB;

interface Upload {
  readonly key: string;
  readonly id: string;
  /** By the server's clock, like the time of its answer. Not a number where it cannot be read: nothing is older than that. */
  readonly ageMs: number;
}

/** Aborts those that are older than `ageMsMax`, in bounded work; returns how many. */
export async function sweepUploads(api: S3Api, prefix: string, ageMsMax: number, signal: AbortSignal): Promise<number> {
  const old = (await uploadsUnder(api, prefix, signal)).filter(({ ageMs }) => ageMs > ageMsMax).slice(0, abortedMax);
  await inParallel(old, atOnce, signal, async ({ key, id }, joined) => void (await api.send({ method: "DELETE", key, query: { uploadId: id } }, joined)));
  return old.length;
}

/** MinIO takes a prefix for the whole name of an object, so that it finds nothing under one: then all uploads are asked for. */
async function uploadsUnder(api: S3Api, prefix: string, signal: AbortSignal): Promise<Upload[]> {
  const ours = await askUploads(api, prefix, signal);
  const all = ours.length === 0 && prefix !== "" ? await askUploads(api, "", signal) : ours;
  return all.filter(({ key, id }) => key.startsWith(prefix) && id !== "");
}

async function askUploads(api: S3Api, prefix: string, signal: AbortSignal): Promise<Upload[]> {
  const page = Buffer.allocUnsafe(pageBytesMax);
  const answer = await api.send({ method: "GET", query: { uploads: "", prefix, "max-uploads": "1000" }, into: [page] }, signal);
  if (answer.status !== 200) return [];
  const now = Date.parse(answer.headers.get("date") ?? "");
  return childrenOf(parseXml(page.toString("utf8", 0, answer.bodyBytes)), "Upload").map((element) => ({
    key: textIn(element, "Key") ?? "",
    id: textIn(element, "UploadId") ?? "",
    ageMs: now - Date.parse(textIn(element, "Initiated") ?? ""),
  }));
}
