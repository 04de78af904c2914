/** The S3 servers that the tests of whole stories run on, and places in them that nobody else uses. */
import { randomBytes } from "node:crypto";
import { listObjects } from "../../src/places/volumes/s3/list.ts";
import { Remover } from "../../src/places/volumes/s3/remove.ts";
import { apiAt, never } from "../../src/places/volumes/s3/test-tools.ts";
import { type Wanted, wantEngine } from "../services/wanted.ts";

export const servers: Readonly<Record<string, () => Wanted>> = {
  MinIO: () => wantEngine("HOLDFAST_TEST_S3_MINIO"),
  versitygw: () => wantEngine("HOLDFAST_TEST_S3_VERSITY"),
};

/** A prefix of its own in the bucket of a server; `more` are settings beside those of the URL, or in their place. */
export function freshUrl(url: string, more: Readonly<Record<string, string>> = {}): string {
  const fresh = new URL(url);
  fresh.pathname = `${fresh.pathname.replace(/\/$/, "")}/story-${randomBytes(6).toString("hex")}`;
  for (const [name, value] of Object.entries(more)) fresh.searchParams.set(name, value);
  return fresh.href;
}

export function endpointOf(url: string): URL {
  return new URL(new URL(url).searchParams.get("endpoint") ?? "");
}

/** Takes away all that lies under the prefix of a URL, whoever wrote it. */
export async function emptyPlace(url: string): Promise<void> {
  const { api, start, client } = apiAt(url);
  const keys: string[] = [];
  for await (const { key } of listObjects(api, { prefix: start, what: url }, never)) keys.push(key);
  await new Remover(api).remove(keys, url, never);
  await client[Symbol.asyncDispose]();
}
