// Brings a checkout to the state that its lock file describes: packages, the Node that is one of them, built kernels.
// Writes inside the checkout only (npm itself also fills its cache), and asks no host but the registry that npm is set to.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { acquire } from "./lock.mjs";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const nodeMajorMin = 24;

/** Idempotent and quick (a few milliseconds) when all is in place; one process at a time does the work. */
export async function setUp() {
  if (packagesAreCurrent() && kernelsAreCurrent() && sourcesAreCompiled()) return;
  const release = await acquire(join(root, ".cache", "setup.lock"), "# setup: another process is setting this checkout up; waiting");
  try {
    if (!packagesAreCurrent()) await install();
    if (!kernelsAreCurrent()) await buildKernels();
    if (!sourcesAreCompiled()) compileSources();
  } finally {
    release();
  }
}

/** Runs a command with this terminal and returns its exit code; a signal that ends the child counts as 128 + its number. */
export function runTo(/** @type {string} */ command, /** @type {string[]} */ parameters) {
  const child = spawn(command, parameters, { cwd: root, stdio: "inherit" });
  // The terminal sends Ctrl-C to the whole group: the child decides, and this process must outlive it to pass its answer on.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise((/** @type {(code: number) => void} */ resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 143)));
  });
}

// ---- packages ------------------------------------------------------------------------------------------------------

const stamp = join(root, "node_modules", ".holdfast-stamp");

/** What the installed tree depends on; a checkout shared between two systems is installed again by each. */
function wantedStamp() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  return hash.update(readFileSync(join(root, "package-lock.json"))).digest("hex");
}

function packagesAreCurrent() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === wantedStamp();
}

/** No package of the lock file needs an install script (test/tidy checks that), so none is run. */
async function install() {
  console.log("# setup: npm ci");
  const { command, first } = npm();
  const code = await runTo(command, [...first, "ci", "--ignore-scripts", "--include=dev", "--include=optional", "--no-audit", "--no-fund"]);
  if (code !== 0) {
    console.error("\nsetup: `npm ci` failed. It needs the registry that `npm config get registry` names, and package-lock.json as it was committed.");
    process.exit(code);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wantedStamp());
}

/** The npm that started this process where there is one: it may be newer than the one that PATH finds. */
function npm() {
  const started = process.env.npm_execpath;
  if (started && basename(started) === "npm-cli.js" && existsSync(started)) return { command: process.execPath, first: [started] };
  return { command: "npm", first: [] };
}

// ---- kernels -------------------------------------------------------------------------------------------------------

const kernels = join(root, "kernels");
const kernelStamp = join(kernels, "build", ".holdfast-stamp");

function kernelSources(/** @type {string} */ folder) {
  /** @type {string[]} */
  const found = [];
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (name === "build" || name === "node_modules") continue;
    if (statSync(path).isDirectory()) found.push(...kernelSources(path));
    else found.push(path);
  }
  return found;
}

function wantedKernels() {
  const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  for (const path of kernelSources(kernels)) hash.update(`${path.slice(root.length)}\n`).update(readFileSync(path));
  return hash.digest("hex");
}

function kernelsAreCurrent() {
  if (!existsSync(join(kernels, "build.mjs"))) return true;
  return existsSync(kernelStamp) && readFileSync(kernelStamp, "utf8") === wantedKernels();
}

async function buildKernels() {
  console.log("# setup: kernels");
  const code = await runTo(ownNode(), [join(kernels, "build.mjs")]);
  if (code !== 0) process.exit(code);
  mkdirSync(dirname(kernelStamp), { recursive: true });
  writeFileSync(kernelStamp, wantedKernels());
}

// ---- compiled sources ----------------------------------------------------------------------------------------------

/** Where Node keeps stripped and compiled sources between processes; bin/holdfast names the same folder. */
export const compiled = join(root, ".cache", "compiled");

function sourcesAreCompiled() {
  return existsSync(compiled) || !existsSync(join(root, "src", "faces", "cli", "main.ts"));
}

/** A push has all threads load all their sources. Whoever did it first would wait for that, and have a compiler in each thread: 70 MB in all. */
function compileSources() {
  console.log("# setup: sources");
  const store = mkdtempSync(join(root, ".cache", "setup-"));
  const push = ["--store", store, "push", join(root, "README.md"), "setup/readme"];
  const { status } = spawnSync(join(root, "bin", "holdfast"), push, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  });
  rmSync(store, { recursive: true, force: true });
  if (status === 0) return;
  rmSync(compiled, { recursive: true, force: true }); // so that the next set-up tries again
  process.exit(status ?? 1);
}

// ---- the project's Node --------------------------------------------------------------------------------------------

/** Path of a Node 24 or newer: the package that the lock file brings, or where that does not run here, the one that runs this. */
export function ownNode() {
  const packages = [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`];
  const own = packages.map((name) => join(root, "node_modules", name, "bin", "node")).find(isNewEnough);
  if (own) return own;
  if (isNewEnough(process.execPath)) return process.execPath;
  console.error(`No Node ${nodeMajorMin} for ${process.platform} ${process.arch} came with the packages. Install Node ${nodeMajorMin} and run this again.`);
  process.exit(1);
}

function isNewEnough(/** @type {string} */ path) {
  if (!existsSync(path)) return false;
  const asked = spawnSync(path, ["--version"], { encoding: "utf8" });
  return asked.status === 0 && Number(/^v(\d+)\./.exec(asked.stdout)?.[1]) >= nodeMajorMin;
}
