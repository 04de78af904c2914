/** The ZipNN package (Hershcovitch et al., arXiv:2411.05239) on the same bytes, where Python has it. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { limits } from "../../src/core/limits.ts";
import type { Result } from "../stage.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const script = join(root, "bench/peers/run_zipnn.py");
const dtypes: Readonly<Record<string, string>> = { bf16: "bfloat16", f16: "float16", f32: "float32" };

/** A virtual environment in the cache folder first: `python3 -m venv .cache/zipnn && .cache/zipnn/bin/pip install zipnn numpy`. */
function findPython(): string | undefined {
  const own = join(root, ".cache/zipnn/bin/python");
  return [own, "python3"].find((python) => (python !== own || existsSync(own)) && spawnSync(python, ["-c", "import zipnn"]).status === 0);
}

export type ZipNN = (element: string, content: Uint8Array, repeats: number) => (Result & { readonly version: string }) | undefined;

/** Undefined where the package is not installed; the function itself answers undefined for elements that the package does not know. */
export function findZipNN(): ZipNN | undefined {
  const python = findPython();
  if (python === undefined) return undefined;
  return (element, content, repeats) => {
    const dtype = dtypes[element];
    return dtype === undefined ? undefined : run(python, dtype, content, repeats);
  };
}

function run(python: string, dtype: string, content: Uint8Array, repeats: number): Result & { version: string } {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  try {
    const path = join(folder, "weights");
    writeFileSync(path, content);
    const { status, stdout, stderr } = spawnSync(python, [script, path, dtype, String(limits.chunkBytes), String(repeats)], { encoding: "utf8" });
    if (status !== 0) throw new Error(`ZipNN failed: ${stderr}`);
    return JSON.parse(stdout.trim().split("\n").at(-1) as string);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
