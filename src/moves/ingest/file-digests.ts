/** The SHA-256 of files that no single batch holds: taken from the stages as they pass in file order, or by a reading of its own. */
import { type Digest, parseDigest } from "../../core/digest.ts";
import { throwIfCancelled } from "../../core/errors.ts";
import { MiB } from "../../core/units.ts";
import type { Span } from "../../machine/span.ts";
import type { Engine } from "../engine.ts";
import { eachLimited } from "../transfer/index.ts";
import type { SourceFile } from "./walk.ts";

const bytesPerJob = 64 * MiB;
/** Of a file without bytes, which no batch ever holds. */
const sha256OfNothing = parseDigest("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

export class FileDigests {
  readonly #engine: Engine;
  readonly #prefix: string;
  readonly #files: readonly SourceFile[];
  readonly #found: (Digest | undefined)[];

  constructor(engine: Engine, files: readonly SourceFile[]) {
    this.#engine = engine;
    this.#prefix = engine.world.id();
    this.#files = files;
    this.#found = files.map(({ bytes }) => (bytes === 0 ? sha256OfNothing : undefined));
  }

  set(file: number, digest: string): void {
    this.#found[file] = digest as Digest;
  }

  get(file: number): Digest | undefined {
    return this.#found[file];
  }

  /** The next bytes of a file. Calls for one file must be made in the order of its bytes; the worker keeps that order. */
  async feed(file: number, spans: readonly Span[], last: boolean): Promise<void> {
    const digest = await this.#engine.pool.run({ kind: "sha256", key: this.#key(file), from: spans, last }, file);
    if (digest) this.set(file, digest);
  }

  /** Reads whole files, several side by side. */
  async readAll(files: readonly number[], signal: AbortSignal): Promise<void> {
    await eachLimited(files, this.#engine.pool.size, async (file) => {
      const { location, bytes } = this.#files[file] as SourceFile;
      for (let start = 0; start < bytes; start += bytesPerJob) {
        throwIfCancelled(signal);
        const part = Math.min(bytesPerJob, bytes - start);
        const from = { path: location, start, bytes: part };
        const digest = await this.#engine.pool.run({ kind: "sha256", key: this.#key(file), from, last: start + part === bytes }, file);
        if (digest) this.set(file, digest);
      }
    });
  }

  #key(file: number): string {
    return `${this.#prefix}:${file}`;
  }
}
