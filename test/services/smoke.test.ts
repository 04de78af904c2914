/** Each engine that is up keeps something and gives it back, through its own protocol: what was started is what its name says. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { describe, test } from "node:test";
import { Client } from "pg";
import { askRedis, type RedisAnswer } from "../../scripts/services/resp.ts";
import { s3Request } from "../../scripts/services/s3-request.ts";
import type { EngineVariable } from "../../scripts/services/variables.ts";
import { wantEngine } from "./wanted.ts";

const key = `smoke-${randomBytes(6).toString("hex")}`;
const value = `kept by a real engine ${randomBytes(8).toString("hex")}`;

function smoke(variable: EngineVariable, keepsAndGives: (url: string) => Promise<void>): void {
  const { url, skip } = wantEngine(variable);
  describe(variable, { skip }, () => {
    test("what is kept is given back", () => keepsAndGives(url));
  });
}

async function s3(address: string): Promise<void> {
  const { host: bucket, searchParams } = new URL(address);
  const [keyId = "", secret = ""] = [process.env.AWS_ACCESS_KEY_ID, process.env.AWS_SECRET_ACCESS_KEY];
  const access = { endpoint: searchParams.get("endpoint") ?? "", region: searchParams.get("region") ?? "", keyId, secret };
  const path = `/${bucket}/${key}`;
  assert.equal((await s3Request(access, "PUT", path, value)).status, 200);
  assert.deepEqual(await s3Request(access, "GET", path), { status: 200, text: value });
  assert.equal((await s3Request({ ...access, secret: `${secret}?` }, "GET", path)).status, 403, "a wrong key is refused");
  assert.equal((await s3Request(access, "DELETE", path)).status, 204);
  assert.equal((await s3Request(access, "GET", path)).status, 404);
}

smoke("HOLDFAST_TEST_S3_MINIO", s3);
smoke("HOLDFAST_TEST_S3_VERSITY", s3);

smoke("HOLDFAST_TEST_POSTGRES", async (address) => {
  const client = new Client({ connectionString: address });
  await client.connect();
  try {
    await client.query("CREATE TEMPORARY TABLE smoke (kept text)");
    await client.query("INSERT INTO smoke VALUES ($1)", [value]);
    assert.deepEqual((await client.query("SELECT kept FROM smoke")).rows, [{ kept: value }]);
    assert.deepEqual((await client.query("SHOW fsync")).rows, [{ fsync: "on" }], "what is acknowledged is kept");
  } finally {
    await client.end();
  }
});

const portsOf = (address: string): readonly number[] => [...address.matchAll(/:(\d+)/g)].map(([, port]) => Number(port));

smoke("HOLDFAST_TEST_REDIS_RING", async (address) => {
  const ports = portsOf(address);
  assert.equal(ports.length, 3);
  for (const port of ports) {
    assert.equal(await askRedis(port, "SET", key, `${value} ${port}`, "EX", "60"), "OK");
    assert.equal(await askRedis(port, "GET", key), `${value} ${port}`, "each keeps its own");
    await assert.rejects(askRedis(port, "CLUSTER", "INFO"), /cluster support disabled/);
  }
});

/** Asks a member of the cluster, and where it sends us the one that it names. */
async function askCluster(port: number, ...words: readonly string[]): Promise<RedisAnswer> {
  return askRedis(port, ...words).catch((error: Error) => {
    const moved = /^MOVED \d+ \S+:(\d+)$/.exec(error.message);
    if (moved === null) throw error;
    return askRedis(Number(moved[1]), ...words);
  });
}

smoke("HOLDFAST_TEST_REDIS_CLUSTER", async (address) => {
  const ports = portsOf(address);
  assert.equal(ports.length, 6);
  const slots = new Set<RedisAnswer>();
  for (let at = 0; at < 20; at++) {
    slots.add(await askRedis(ports[0] as number, "CLUSTER", "KEYSLOT", `${key}-${at}`));
    assert.equal(await askCluster(ports[at % 6] as number, "SET", `${key}-${at}`, `${value} ${at}`, "EX", "60"), "OK");
  }
  assert.ok(slots.size > 10);
  for (let at = 0; at < 20; at++) assert.equal(await askCluster(ports[(at + 3) % 6] as number, "GET", `${key}-${at}`), `${value} ${at}`);
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Not `fetch`, which takes the DataNode's unasked `100 Continue` for the answer. */
function http(method: string, url: string, body = ""): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { "content-type": "application/octet-stream", "content-length": body.length } }, (response) => {
      let text = "";
      response.on("data", (part) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Of two NameNodes one answers; the other says that it is on standby. */
async function activeOf(hosts: readonly string[]): Promise<string> {
  for (const host of hosts) {
    const asked = await http("GET", `http://${host}/webhdfs/v1/?op=GETFILESTATUS`).catch(() => undefined);
    if (asked?.status === 200) return host;
  }
  return assert.fail(`no active NameNode among ${hosts}`);
}

smoke("HOLDFAST_TEST_HDFS", async (address) => {
  const [, hosts = "", path, user] = /^hdfs:\/\/([^/]+)(\/[^?]*)\?.*user=(\w+)/.exec(address) ?? [];
  const host = await activeOf(hosts.split(","));
  const call = (operation: string) => `http://${host}/webhdfs/v1${path}/${key}?user.name=${user}&op=${operation}`;
  const where = await http("PUT", call("CREATE&noredirect=true&replication=3"));
  const { Location } = JSON.parse(where.text) as { Location: string };
  assert.equal((await http("PUT", Location, value)).status, 201);
  const read = await fetch(call("OPEN"));
  assert.equal(await read.text(), value);
  const { FileStatus } = JSON.parse((await http("GET", call("GETFILESTATUS"))).text) as { FileStatus: Record<string, unknown> };
  assert.deepEqual([FileStatus.length, FileStatus.replication, FileStatus.owner], [value.length, 3, user]);
  assert.deepEqual(JSON.parse((await http("DELETE", call("DELETE"))).text), { boolean: true });
});
