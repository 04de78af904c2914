/** `npm run format [-- FILE…]`: writes every file as `npm test` wants it. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const chosen = process.argv.slice(2);
const biome = resolve(root, "node_modules/@biomejs/biome/bin/biome");
const { status } = spawnSync(process.execPath, [biome, "check", "--write", ...(chosen.length > 0 ? chosen : ["."])], { cwd: root, stdio: "inherit" });
process.exit(status ?? 1);
