/** What the tests of the S3 driver share: the real servers that are up, volumes in them, and a server that answers what a test wants. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseVolumeName } from "../../../core/names.ts";
import { realWorld, type World } from "../../../core/world/index.ts";
import { BulkClient } from "../../../machine/bulk-http/index.ts";
import { directDisk } from "../../../machine/disk.ts";
import { patient } from "../conformance-tools.ts";
import { claimIdentity, encodeIdentity } from "../identity.ts";
import { identityKey } from "../keys.ts";
import { ownMs } from "../own-time.ts";
import type { Volume } from "../volume.ts";
import type { EnvironmentVariables, VolumeEnvironment } from "../volume-driver.ts";
import { S3Api } from "./api.ts";
import { CredentialChain } from "./credential-chain.ts";
import { driver } from "./index.ts";
import { parseS3Url } from "./place.ts";
import { childrenOf, parseXml, textIn } from "./xml.ts";

export const never: AbortSignal = new AbortController().signal;
const identity = { clusterId: "c".repeat(32), volumeId: "1".repeat(32), name: "s3" };

export const placeAt = (url: string) => ({ name: parseVolumeName("s3"), url, failureDomain: "s3" });
export const environmentOf = (env: EnvironmentVariables, world: World = patient): VolumeEnvironment => ({ disk: directDisk(), world, env });

/** A prefix of its own below the URL of a test server. */
export function freshUrl(url: string): string {
  const fresh = new URL(url);
  fresh.pathname = `${fresh.pathname.replace(/\/$/, "")}/test-${randomBytes(6).toString("hex")}`;
  return fresh.href;
}

/** A claimed volume under a prefix of its own; `dispose` empties it. */
export async function fixtureAt(serverUrl: string): Promise<{ volume: Volume; url: string; dispose: () => Promise<void> }> {
  const url = freshUrl(serverUrl);
  await driver.prepare(placeAt(url), environmentOf(process.env));
  const volume = await driver.open(placeAt(url), environmentOf(process.env));
  await claimIdentity(volume, identity, never);
  return { volume, url, dispose: () => emptied(url) };
}

/** Requests to the bucket of a URL, without a volume around them. */
export function apiAt(url: string): { readonly api: S3Api; readonly start: string; readonly client: BulkClient } {
  const { bucket, prefix, endpoint, region = "us-east-1", style = "path", profile } = parseS3Url(url);
  const client = new BulkClient(realWorld);
  const credentials = new CredentialChain({ env: process.env, profile, client, world: realWorld });
  return {
    api: new S3Api({ bucket, region, style, endpoint: endpoint ?? new URL("http://127.0.0.1") }, client, credentials, realWorld),
    start: `${prefix}/`,
    client,
  };
}

/** Ids of the uploads under a name that were begun and not ended. All are asked for: MinIO finds none under a prefix. */
export async function openUploads(api: S3Api, start: string): Promise<string[]> {
  const { status, text } = await api.send({ method: "GET", query: { uploads: "" } }, never);
  assert.equal(status, 200);
  const ours = childrenOf(parseXml(text), "Upload").filter((upload) => textIn(upload, "Key")?.startsWith(start));
  return ours.map((upload) => textIn(upload, "UploadId") ?? "");
}

async function emptied(url: string): Promise<void> {
  const volume = await driver.open(placeAt(url), environmentOf(process.env));
  const keys = [];
  for await (const { key } of volume.list(undefined, never)) keys.push(key);
  await volume.remove(keys, never);
  await volume[Symbol.asyncDispose]();
}

// ---- a server that answers what a test wants ---------------------------------------------------------------------

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export interface Said {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** What to answer: nothing special, these words, or a connection that breaks. */
type Twist = (asked: Asked, objects: Map<string, Buffer>) => Said | "cut" | undefined | Promise<Said | "cut" | undefined>;

export const failure = (status: number, code: string, headers: Record<string, string> = {}): Said => ({
  status,
  headers,
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>because</Message></Error>`,
});

export interface TwistedServer extends AsyncDisposable {
  readonly objects: Map<string, Buffer>;
  readonly asked: Asked[];
  readonly volume: Volume;
  twist: Twist;
}

/** A claimed volume on a server that keeps objects in memory, does what S3 does with single ones, and whatever the twist says before that. */
export async function twisted(world: World = realWorld, settings = "", env: EnvironmentVariables = keys): Promise<TwistedServer> {
  const objects = new Map<string, Buffer>([[`/bucket/p/${identityKey}`, Buffer.from(encodeIdentity(identity))]]);
  const asked: Asked[] = [];
  const state: { twist: Twist } = { twist: () => undefined };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const one = await readAsked(request);
    asked.push(one);
    const said = (await state.twist(one, objects)) ?? usual(one, objects);
    if (said === "cut") request.socket.destroy();
    else answer(one, said, response);
  };
  // A request that its sender gave up half way is none.
  const server = createServer((request, response) => void serve(request, response).catch(() => request.socket.destroy())).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `s3://bucket/p?endpoint=http://127.0.0.1:${(server.address() as AddressInfo).port}${settings}`;
  const volume = await driver.open(placeAt(url), environmentOf(env, world));
  return {
    objects,
    asked,
    volume,
    get twist() {
      return state.twist;
    },
    set twist(twist) {
      state.twist = twist;
    },
    async [Symbol.asyncDispose]() {
      await volume[Symbol.asyncDispose]();
      server.close();
      server.closeAllConnections();
    },
  };
}

export const keys: EnvironmentVariables = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", HOME: "/nowhere" };

async function readAsked(request: IncomingMessage): Promise<Asked> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const { pathname, searchParams } = new URL(request.url ?? "", "http://server");
  return { method: request.method ?? "", path: pathname, query: searchParams, headers: request.headers, body: Buffer.concat(parts) };
}

function usual({ method, path, query, headers, body }: Asked, objects: Map<string, Buffer>): Said {
  if (query.has("uploads") && method === "GET") return { status: 200, body: "<ListMultipartUploadsResult/>" };
  const found = objects.get(path);
  if (method === "PUT" && headers["if-none-match"] && found) return failure(412, "PreconditionFailed");
  if (method === "PUT") objects.set(path, body);
  if (method === "PUT") return { status: 200 };
  if (method === "DELETE") objects.delete(path);
  if (method === "DELETE") return { status: 204 };
  if (!found) return failure(404, "NoSuchKey");
  const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "");
  if (!range) return { status: 200, body: found };
  const part = found.subarray(Number(range[1]), Number(range[2]) + 1);
  if (part.length === 0) return failure(416, "InvalidRange");
  return { status: 206, headers: { "content-range": `bytes ${range[1]}-${Number(range[1]) + part.length - 1}/${found.length}` }, body: part };
}

function answer({ method }: Asked, { status, headers = {}, body = "" }: Said, response: ServerResponse): void {
  response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers });
  response.end(method === "HEAD" ? undefined : body);
}

export const isObject = ({ path }: Asked): boolean => path.includes("/shard/");
/** No pauses between attempts; cleaning up has its time. */
export const hasty: World = { ...patient, sleep: async (ms, signal) => patient.sleep(ms === ownMs ? ms : Math.min(ms, 1), signal) };

/** Runs with such a server, which goes in the end. */
export async function on(run: (server: TwistedServer) => Promise<void>, world: World = hasty, settings = "&part=5MiB"): Promise<void> {
  await using server = await twisted(world, settings);
  await run(server);
}
