// Compiles assembly/ to build/kernels.wasm; does nothing when that is newer than its sources.
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "build/kernels.wasm");
const memoryPages = 65536;

function newest(path) {
  const facts = statSync(path);
  if (!facts.isDirectory()) return facts.mtimeMs;
  return Math.max(...readdirSync(path).map((name) => newest(join(path, name))));
}

const sourceMs = Math.max(newest(join(here, "assembly")), newest(fileURLToPath(import.meta.url)));
if (existsSync(target) && statSync(target).mtimeMs > sourceMs) process.exit(0);

mkdirSync(join(here, "build"), { recursive: true });
const temporary = `build/kernels-${process.pid}.wasm`;
const { error, stderr } = await asc.main(
  [
    "assembly/index.ts",
    "--outFile",
    temporary,
    "--baseDir",
    here,
    "-O3",
    "--uncheckedBehavior",
    "always",
    "--noAssert",
    "--runtime",
    "stub",
    "--importMemory",
    "--sharedMemory",
    "--initialMemory",
    "1",
    "--maximumMemory",
    String(memoryPages),
    "--enable",
    "simd",
    "--enable",
    "threads",
    "--enable",
    "bulk-memory",
  ],
  {},
);
if (error) {
  process.stderr.write(`${stderr.toString()}\n${error.message}\n`);
  process.exit(1);
}
renameSync(join(here, temporary), target);
