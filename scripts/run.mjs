// Runs on any Node from 20 on with nothing installed: brings the packages that the lock file names, then runs a step on the project's own Node.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [step = "test", ...args] = process.argv.slice(2);

function run(command, parameters, options = {}) {
  const done = spawnSync(command, parameters, { cwd: root, stdio: "inherit", ...options });
  if (done.error) throw done.error;
  if (done.status !== 0) process.exit(done.status ?? 1);
}

function install() {
  const stamp = join(root, "node_modules/.holdfast-stamp");
  const wanted = createHash("sha256").update(readFileSync(join(root, "package-lock.json"))).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.log("# setup: npm install");
  run(process.platform === "win32" ? "npm.cmd" : "npm", ["install", "--no-save", "--no-audit", "--no-fund"]);
  writeFileSync(stamp, wanted);
}

/** The Node that the `node` package brings; where install scripts are off it lies in the package of the architecture. */
function ownNode() {
  const places = ["node/bin/node", `node-${process.platform}-${process.arch}/bin/node`, `node/node_modules/node-${process.platform}-${process.arch}/bin/node`];
  const found = places.map((place) => join(root, "node_modules", place)).find((path) => existsSync(path));
  if (found) return found;
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  console.error("No Node 24 found: `npm ci` should have brought it with the package `node`. Install Node 24 and run this again.");
  process.exit(1);
}

function testFiles(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return testFiles(path);
    return name.endsWith(".test.ts") ? [path] : [];
  });
}

install();
const node = ownNode();
const source = "--conditions=holdfast-source";
if (step === "check" || step === "test") {
  console.log("# types");
  run(node, [join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", "."]);
}
if (step === "test") {
  console.log("# tests");
  const chosen = args.length ? args : [...testFiles(join(root, "src")), ...testFiles(join(root, "test"))];
  run(node, [source, "--test", ...chosen]);
}
if (step === "demo") run(node, [source, join(root, "scripts/demo.ts"), ...args]);
if (step === "bench") run(node, [source, join(root, `bench/${args[0]}.ts`), ...args.slice(1)]);
