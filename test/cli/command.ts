/** The command as a child process over a store of its own, and small models to give it. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MiB } from "../../src/core/units.ts";

const executable = fileURLToPath(new URL("../../bin/holdfast", import.meta.url));

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of standard output, where it is JSON. */
  readonly json: Record<string, unknown>;
}

export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), "holdfast-cli-"));

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  start(words: readonly string[], stdout: "pipe" | number = "pipe"): ChildProcess {
    const env = { ...process.env, HOLDFAST_STORE: this.path("store"), NO_COLOR: "1" };
    return spawn(executable, words, { cwd: this.folder, env, stdio: ["ignore", stdout, "pipe"] });
  }

  async run(...words: readonly string[]): Promise<Ended> {
    return endOf(this.start(words));
  }

  /** Asserts the exit code and returns the object of the last line. */
  async json(exitCode: number, ...words: readonly string[]): Promise<Record<string, unknown>> {
    const ended = await this.run(...words, "--json");
    assert.equal(ended.exitCode, exitCode, `${words.join(" ")}: ${ended.stdout}${ended.stderr}`);
    return ended.json;
  }

  async fails(exitCode: number, code: string, ...words: readonly string[]): Promise<{ message: string; advice: string | null }> {
    const { error } = (await this.json(exitCode, ...words)) as { error: { code: string; message: string; advice: string | null } };
    assert.equal(error.code, code, JSON.stringify(error));
    return error;
  }

  /** A model of one safetensors file with a bf16 matrix, a tokenizer and a config. */
  model(name: string, megabytes = 1): string {
    const folder = this.path(name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "model.safetensors"), safetensors(megabytes * MiB));
    writeFileSync(join(folder, "config.json"), JSON.stringify({ name }));
    return folder;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function safetensors(bytes: number): Buffer {
  const header = JSON.stringify({ "model.embed_tokens.weight": { dtype: "BF16", shape: [bytes / 2048, 1024], data_offsets: [0, bytes] } }).padEnd(128);
  const file = Buffer.alloc(8 + header.length + bytes);
  file.writeBigUInt64LE(BigInt(header.length));
  file.write(header, 8);
  randomFillSync(file, 8 + header.length);
  return file;
}

export async function endOf(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (text) => (stdout += text));
  child.stderr?.on("data", (text) => (stderr += text));
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, stdout, stderr, json: lastObject(stdout) };
}

function lastObject(stdout: string): Record<string, unknown> {
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  return line.startsWith("{") ? (JSON.parse(line) as Record<string, unknown>) : {};
}
