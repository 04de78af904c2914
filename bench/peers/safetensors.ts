/** The safetensors package of Python with PyTorch on the same files, where Python has them. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { must } from "../quiet.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const script = join(root, "bench/peers/run_safetensors.py");
export const safetensorsAdvice = "python3 -m venv .cache/safetensors && .cache/safetensors/bin/pip install safetensors torch numpy";

export type SafetensorsMode = "mmap" | "read";

/** Undefined where they are not installed. It answers with the seconds that the package took for all files. */
export function findSafetensors(): ((mode: SafetensorsMode, files: readonly string[]) => number) | undefined {
  const places = [".cache/safetensors", ".cache/zipnn"].map((place) => join(root, place, "bin/python")).filter((python) => existsSync(python));
  const python = [...places, "python3"].find((each) => spawnSync(each, ["-c", "import safetensors.torch"]).status === 0);
  if (python === undefined) return undefined;
  return (mode, files) =>
    Number(
      must(python, [script, mode, ...files])
        .trim()
        .split("\n")
        .at(-1),
    );
}
