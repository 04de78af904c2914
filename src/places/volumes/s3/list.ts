/** Pages of a listing (ListObjectsV2), with what makes a list worth believing: every page whole, keys in order, and an end that was said. */
import { fault } from "../../../core/errors.ts";
import { MiB } from "../../../core/units.ts";
import { failureOf } from "./answer.ts";
import type { S3Api } from "./api.ts";
import { childrenOf, parseXml, textIn, type XmlElement } from "./xml.ts";

export interface Listed {
  /** In the bucket. */
  readonly key: string;
  readonly bytes: number;
}

export interface ListOptions {
  readonly prefix: string;
  readonly after?: string | undefined;
  /** For messages. */
  readonly what: string;
  readonly pageKeys?: number;
}

const pageBytesMax = 4 * MiB;

/** Objects under the prefix, in the order of their keys' bytes. */
export async function* listObjects(api: S3Api, options: ListOptions, signal: AbortSignal): AsyncGenerator<Listed> {
  const page = Buffer.allocUnsafe(pageBytesMax);
  let last = options.after ?? "";
  for (let token: string | undefined, more = true; more; ) {
    const root = await askPage(api, options, token, page, signal);
    for (const entry of childrenOf(root, "Contents").map((element) => entryOf(element, options.what))) {
      if (!entry.key.startsWith(options.prefix) || !isBehind(entry.key, last)) throw untrue(options.what, "its keys are not in order");
      last = entry.key;
      yield entry;
    }
    more = textIn(root, "IsTruncated") === "true";
    token = textIn(root, "NextContinuationToken");
    if (more && !token) throw untrue(options.what, "it goes on and does not say where");
  }
}

async function askPage(api: S3Api, { prefix, after, what, pageKeys = 1000 }: ListOptions, token: string | undefined, page: Buffer, signal: AbortSignal) {
  const query = {
    "list-type": "2",
    "encoding-type": "url",
    "max-keys": String(pageKeys),
    prefix,
    ...(token !== undefined ? { "continuation-token": token } : after !== undefined && { "start-after": after }),
  };
  const answer = await api.send({ method: "GET", query, into: [page] }, signal);
  if (answer.status !== 200) throw failureOf(answer, what);
  const root = parseXml(page.toString("utf8", 0, answer.bodyBytes));
  if (root.name !== "ListBucketResult") throw untrue(what, "the answer is no listing");
  return root;
}

function entryOf(element: XmlElement, what: string): Listed {
  const [key, size] = [textIn(element, "Key"), textIn(element, "Size")];
  if (!key || !size || !/^\d{1,15}$/.test(size)) throw untrue(what, "an entry has no key or no size");
  return { key: decoded(key, what), bytes: Number(size) };
}

function decoded(key: string, what: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch (error) {
    throw untrue(what, "a key is not encoded as it must be", error);
  }
}

function isBehind(key: string, last: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(last)) > 0;
}

/** A list that is cut short or out of order must never look like a whole one. */
function untrue(what: string, problem: string, cause?: unknown): Error {
  return fault("VOLUME_UNREACHABLE", `${what}: ${problem}`, { ...(cause !== undefined && { cause }), advice: "Check the server behind the volume." });
}
