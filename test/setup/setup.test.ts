/** `scripts/run.mjs setup` in a checkout of its own, with the real npm: once, at once, after a change, after a crash. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";

const root = resolve(import.meta.dirname, "../..");
const pack = { name: "sample", version: "1.0.0" };

async function makeCheckout(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-setup-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  for (const name of ["run.mjs", "setup.mjs", "lock.mjs"]) await cp(join(root, "scripts", name), join(folder, "scripts", name));
  await writeFile(join(folder, "package.json"), JSON.stringify(pack));
  await writeLock(folder, "1.0.0");
  return folder;
}

async function writeLock(folder: string, version: string): Promise<void> {
  await writeFile(join(folder, "package.json"), JSON.stringify({ ...pack, version }));
  const lock = { ...pack, version, lockfileVersion: 3, requires: true, packages: { "": { ...pack, version } } };
  await writeFile(join(folder, "package-lock.json"), JSON.stringify(lock));
}

function setUp(folder: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [join(folder, "scripts/run.mjs"), "setup"], { cwd: folder });
  let output = "";
  child.stdout.on("data", (part) => (output += part));
  child.stderr.on("data", (part) => (output += part));
  return new Promise((done) => child.on("close", (code) => done({ code, output })));
}

const installs = (outputs: readonly { readonly output: string }[]): number => outputs.filter(({ output }) => output.includes("npm ci")).length;

test("three at once: one installs, all succeed, and afterwards nothing is left to do", async (context) => {
  const folder = await makeCheckout(context);
  const all = await Promise.all([setUp(folder), setUp(folder), setUp(folder)]);
  assert.deepEqual(
    all.map(({ code }) => code),
    [0, 0, 0],
    all.map(({ output }) => output).join("\n"),
  );
  assert.equal(installs(all), 1);
  assert.equal(installs([await setUp(folder)]), 0);
  await assert.rejects(stat(join(folder, ".cache/setup.lock")), "the lock is given back");
});

test("a changed lock file is installed; a half-installed tree, too", async (context) => {
  const folder = await makeCheckout(context);
  await setUp(folder);
  await writeLock(folder, "1.0.1");
  assert.equal(installs([await setUp(folder)]), 1);
  await rm(join(folder, "node_modules/.holdfast-stamp"));
  assert.equal(installs([await setUp(folder)]), 1);
});

test("a lock whose process died is taken over", async (context) => {
  const folder = await makeCheckout(context);
  const dead = spawn(process.execPath, ["-e", "0"]);
  await new Promise((done) => dead.on("exit", done));
  await mkdir(join(folder, ".cache"));
  await writeFile(join(folder, ".cache/setup.lock"), String(dead.pid));
  const { code, output } = await setUp(folder);
  assert.equal(code, 0, output);
});

test("kernels are built when their sources changed, and only then", async (context) => {
  const folder = await makeCheckout(context);
  await mkdir(join(folder, "kernels/build"), { recursive: true });
  await writeFile(
    join(folder, "kernels/build.mjs"),
    'import { appendFileSync } from "node:fs";\nappendFileSync(new URL("build/built", import.meta.url), "x");\n',
  );
  const built = async (): Promise<string> => {
    assert.equal((await setUp(folder)).code, 0);
    return readFile(join(folder, "kernels/build/built"), "utf8");
  };
  assert.equal(await built(), "x");
  assert.equal(await built(), "x");
  await writeFile(join(folder, "kernels/add.ts"), "export const add = 1;\n");
  assert.equal(await built(), "xx");
});

test("the sources are compiled by a push, once; one that fails is told, and tried again", async (context) => {
  const folder = await makeCheckout(context);
  await mkdir(join(folder, "src/faces/cli"), { recursive: true });
  await writeFile(join(folder, "src/faces/cli/main.ts"), "");
  await mkdir(join(folder, "bin"));
  const command = async (exitCode: number): Promise<void> => {
    const lines = ["#!/bin/sh", `echo "$*" >> "${folder}/pushed"`, 'mkdir -p "$NODE_COMPILE_CACHE"', `exit ${exitCode}`, ""];
    await writeFile(join(folder, "bin/holdfast"), lines.join("\n"), { mode: 0o755 });
  };
  await command(3);
  assert.equal((await setUp(folder)).code, 3);
  await command(0);
  assert.equal((await setUp(folder)).code, 0);
  assert.equal((await setUp(folder)).code, 0);
  assert.equal((await readFile(join(folder, "pushed"), "utf8")).trim().split("\n").length, 2);
  assert.deepEqual(await readdir(join(folder, ".cache")), ["compiled"], "its store is gone");
});

test("a failing install is told, and is not taken for a good one", async (context) => {
  const folder = await makeCheckout(context);
  await writeFile(join(folder, "package.json"), JSON.stringify({ ...pack, dependencies: { "not-in-the-lock": "1.0.0" } }));
  const { code, output } = await setUp(folder);
  assert.notEqual(code, 0);
  assert.match(output, /`npm ci` failed/);
  await assert.rejects(stat(join(folder, "node_modules/.holdfast-stamp")));
  assert.notEqual((await setUp(folder)).code, 0, "and the lock was given back");
});
