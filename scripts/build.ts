/**
 * `npm run build [-- --out FOLDER]`: the sources as plain JavaScript with their types, as they are published. The kernels were built by the setup
 * before this runs. The folder is swapped in when it is whole, so that two builds at once, or one that fails, leave a whole one behind.
 */
import { spawnSync } from "node:child_process";
import { renameSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

const root = resolve(import.meta.dirname, "..");
const { values } = parseArgs({ options: { out: { type: "string", default: "dist" } } });
const out = resolve(root, values.out);
const fresh = `${out}.${process.pid}`;

const tsc = resolve(root, "node_modules/typescript/bin/tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", fresh], { cwd: root, stdio: "inherit" });
if (status === 0) {
  rmSync(out, { recursive: true, force: true });
  renameSync(fresh, out);
} else rmSync(fresh, { recursive: true, force: true });
process.exit(status ?? 1);
