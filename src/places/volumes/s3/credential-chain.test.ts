/** Where keys come from, in which order, and how long they are good. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { isFault } from "../../../core/errors.ts";
import { realWorld, type World } from "../../../core/world/index.ts";
import { BulkClient } from "../../../machine/bulk-http/index.ts";
import type { EnvironmentVariables } from "../volume-driver.ts";
import { CredentialChain } from "./credential-chain.ts";
import { parseIni } from "./ini.ts";
import { profileRegion } from "./profile.ts";

const never = new AbortController().signal;
const home = mkdtempSync(join(tmpdir(), "holdfast-aws-"));
const client = new BulkClient(realWorld, { connectMs: 500 });
after(async () => {
  rmSync(home, { recursive: true });
  await client[Symbol.asyncDispose]();
});
mkdirSync(join(home, ".aws"));
writeFileSync(
  join(home, ".aws", "credentials"),
  "# comment\n[default]\naws_access_key_id = file-key\naws_secret_access_key=file=secret # behind\r\n\n[lab]\nAWS_ACCESS_KEY_ID=lab-key\naws_secret_access_key = lab#secret\naws_session_token = lab-token\n",
);
writeFileSync(
  join(home, ".aws", "config"),
  "[default]\nregion = eu-1\n[profile lab]\nregion=eu-2\n[profile only]\naws_access_key_id = only-key\naws_secret_access_key = s\n",
);

const alone = { HOME: home, AWS_EC2_METADATA_DISABLED: "true" };
const chain = (env: EnvironmentVariables, profile?: string, world: World = realWorld): CredentialChain => new CredentialChain({ env, profile, client, world });
const keyOf = async (env: EnvironmentVariables, profile?: string): Promise<string> => (await chain(env, profile).get(never)).accessKeyId;
const inVariables = { ...alone, AWS_ACCESS_KEY_ID: "env-key", AWS_SECRET_ACCESS_KEY: "s" };

test("variables go before files, and a profile that is named in the URL before both", async () => {
  assert.equal(await keyOf(inVariables), "env-key");
  assert.equal(await keyOf({ ...inVariables, AWS_SECRET_ACCESS_KEY: "" }), "file-key");
  assert.equal(await keyOf({ ...inVariables, AWS_PROFILE: "lab" }), "env-key");
  assert.equal(await keyOf(inVariables, "lab"), "lab-key");
});

test("profiles of both files", async () => {
  assert.deepEqual(await chain(alone).get(never), { accessKeyId: "file-key", secretAccessKey: "file=secret", sessionToken: undefined });
  assert.deepEqual(await chain({ ...alone, AWS_PROFILE: "lab" }).get(never), {
    accessKeyId: "lab-key",
    secretAccessKey: "lab#secret",
    sessionToken: "lab-token",
  });
  assert.equal(await keyOf({ ...alone, AWS_PROFILE: "only" }), "only-key");
  assert.equal(await keyOf({ ...alone, HOME: "/nowhere", AWS_SHARED_CREDENTIALS_FILE: join(home, ".aws", "credentials") }), "file-key");
  assert.deepEqual([await profileRegion(alone), await profileRegion(alone, "lab"), await profileRegion(alone, "none")], ["eu-1", "eu-2", undefined]);
});

test("no keys at all are ACCESS_DENIED", async () => {
  for (const [env, profile] of [[{ ...alone, HOME: "/nowhere" }, undefined], [inVariables, "none"]] as const) // biome-ignore format: a table
    await assert.rejects(chain(env, profile).get(never), (error) => isFault(error, "ACCESS_DENIED"));
});

async function withHost(answer: (request: IncomingMessage) => string | undefined, run: (origin: string) => Promise<void>): Promise<void> {
  const server = createServer((request, response) => {
    const text = answer(request);
    response.writeHead(text === undefined ? 401 : 200).end(text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  server.close();
  server.closeAllConnections();
}

const keysUntil = (key: string, atMs: number): string =>
  JSON.stringify({ AccessKeyId: key, SecretAccessKey: "s", Token: "t", Expiration: new Date(atMs).toISOString() });

test("a container's endpoint, with its token; keys are fetched anew before they end", async () => {
  let [asked, now] = [0, Date.now()];
  const answer = ({ headers, url }: IncomingMessage): string | undefined =>
    headers.authorization === "let me in" && url === "/keys" ? keysUntil(`key${++asked}`, now + 3600_000) : undefined;
  await withHost(answer, async (origin) => {
    const env = { HOME: "/nowhere", AWS_CONTAINER_CREDENTIALS_FULL_URI: `${origin}/keys`, AWS_CONTAINER_AUTHORIZATION_TOKEN: "let me in" };
    const kept = chain(env, undefined, { ...realWorld, now: () => now });
    const get = async (): Promise<string> => (await kept.get(never)).accessKeyId;
    assert.deepEqual([await get(), await get()], ["key1", "key1"]);
    now += 54 * 60_000;
    assert.equal(await get(), "key1");
    now += 2 * 60_000;
    assert.equal(await get(), "key2");
    await assert.rejects(chain({ ...env, AWS_CONTAINER_AUTHORIZATION_TOKEN: "" }).get(never), (error) => isFault(error, "ACCESS_DENIED"));
  });
});

test("a container's token goes to no other host in the clear", async () => {
  const env = { HOME: "/nowhere", AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://example.org/keys", AWS_CONTAINER_AUTHORIZATION_TOKEN: "secret" };
  await assert.rejects(chain(env).get(never), (error) => isFault(error, "ACCESS_DENIED"));
});

test("a machine's endpoint, which asks for a token first; none there are no keys", async () => {
  const answer = ({ method, url, headers }: IncomingMessage): string | undefined => {
    if (method === "PUT") return url === "/latest/api/token" ? "token" : undefined;
    if (headers["x-aws-ec2-metadata-token"] !== "token") return undefined;
    return url?.endsWith("/role") ? keysUntil("machine-key", Date.now() + 3600_000) : "role\n";
  };
  await withHost(answer, async (origin) => assert.equal(await keyOf({ HOME: "/nowhere", AWS_EC2_METADATA_SERVICE_ENDPOINT: origin }), "machine-key"));
  await assert.rejects(keyOf({ HOME: "/nowhere", AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:1" }), (error) => isFault(error, "ACCESS_DENIED"));
});

test("the files of others are read as far as they are understood", () => {
  const file = parseIni("lost = 1\n[a]\nx=1\n  nested = 2\nnonsense\n[profile  b ]\ny = = ; not\n[a]\nz=3\n\u0000[");
  assert.deepEqual([...(file.get("a") ?? [])], [["x", "1"], ["z", "3"]]); // biome-ignore format: a table
  assert.deepEqual([...(file.get("b") ?? [])], [["y", "="]]);
});
