/** Parts of files are read while one of three replicas takes 200 ms longer than the others: those who read hardly notice, and little is read twice. */
import assert from "node:assert/strict";
import { randomFrom } from "../../src/bytes/kernels/specimens.ts";
import type { FileEntry } from "../../src/core/manifest.ts";
import { domainOf, parseModelName } from "../../src/core/names.ts";
import { rangeOf } from "../../src/core/range.ts";
import { KiB } from "../../src/core/units.ts";
import { withVersion } from "../../src/flows/load.ts";
import type { Engine } from "../../src/moves/engine.ts";
import { eachLimited, readFileRange } from "../../src/moves/transfer/index.ts";
import { VolumeSet } from "../../src/moves/volume-set.ts";
import { driver } from "../../src/places/volumes/local/index.ts";
import { wrap } from "../../src/places/volumes/open.ts";
import { faulty } from "../../src/places/volumes/wrap/fault.ts";
import { never, Stand, weights } from "../flows/stand.ts";
import { percent, show } from "./place.ts";

const extraMax = 0.05;
const readBytes = 256 * KiB;
const readersAtOnce = 8;
const rounds = 20;
const model = parseModelName("ns/model");

export const slowReplica = show({
  says: "one of three replicas 200 ms slow: p99 of range reads at most 1.2 times that of healthy ones, at most 5 % more bytes",
  full: { reads: 8000, healthyMs: 20, slowMs: 200, share: 0.99, ratioMax: 1.2 },
  // The first reads know nothing yet, and among some hundreds they count. Were the slow replica read as the others are, a third would be ten times as late.
  small: { reads: 400, healthyMs: 20, slowMs: 200, share: 0.9, ratioMax: 4 },
  async run({ say }, { reads, healthyMs, slowMs, share, ratioMax }) {
    await using stand = await Stand.make(3);
    const file = weights(16, 2048, 10);
    await stand.push({ "model.safetensors": file }, { replicas: 3, encode: "raw" });
    await using healthy = new Readers(stand, file, () => healthyMs);
    await using slow = new Readers(stand, file, (name) => (name === "v2" ? healthyMs + slowMs : healthyMs));
    // In turns: what else the machine does falls on both.
    for (let round = 0; round < rounds; round++) for (const readers of [healthy, slow]) await readers.read(reads / rounds, round);
    for (const [what, readers] of Object.entries({ healthy, slow })) say(`${what}: ${readers.told()}`);
    const ratio = slow.at(share) / healthy.at(share);
    say(`p${Math.round(share * 100)} with a slow replica is ${ratio.toFixed(2)} of healthy`);
    assert.ok(ratio <= ratioMax, `${ratio.toFixed(2)} is more than ${ratioMax}`);
    assert.ok(slow.extra <= extraMax && healthy.extra <= extraMax, "bytes that were read twice");
  },
});

/** Volumes that take their time for each read, in the place of those of the stand, and nothing known of them yet. */
function delayed({ engine, environment }: Stand, delayMs: (name: string) => number): Engine & AsyncDisposable {
  const plan = { seed: 1, rules: [{ op: "get", fault: "slow", nth: 1, times: "always" }] } as const;
  const volumes = new VolumeSet(engine.volumes.rows, engine.world, async (row, health) => {
    const slowed = faulty(await driver.open(row, environment), { plan, world: engine.world, slowMs: delayMs(row.name) });
    return wrap(slowed, { ...environment, health });
  });
  return { ...engine, volumes, [Symbol.asyncDispose]: () => volumes[Symbol.asyncDispose]() };
}

/** Some readers side by side, each for another part of the file, compared with what was pushed. */
class Readers implements AsyncDisposable {
  readonly #engine: Engine & AsyncDisposable;
  readonly #file: Uint8Array;
  readonly #ms: number[] = [];
  #onceBytes = 0;
  #twiceBytes = 0;

  constructor(stand: Stand, file: Uint8Array, delayMs: (name: string) => number) {
    this.#engine = delayed(stand, delayMs);
    this.#file = file;
  }

  async read(count: number, seed: number): Promise<void> {
    const random = randomFrom(seed);
    const starts = Array.from({ length: count }, () => Math.floor(random() * (this.#file.length - readBytes)));
    await withVersion(this.#engine, { model, revision: "main" }, never, async ({ manifest, replicas, signal }) => {
      const [entry] = manifest.files as [FileEntry];
      await eachLimited(starts, readersAtOnce, async (start) => {
        const startedMs = this.#engine.world.ticks();
        const bytes = await readFileRange({ engine: this.#engine, replicas, domain: domainOf(model), signal }, entry, rangeOf(start, readBytes));
        this.#ms.push(this.#engine.world.ticks() - startedMs);
        assert.ok(Buffer.from(bytes).equals(this.#file.subarray(start, start + readBytes)), "what was read is what was pushed");
      });
      this.#onceBytes += replicas.fetchedBytes;
      this.#twiceBytes += replicas.hedgedBytes;
    });
  }

  /** The time, in milliseconds, that such a share of the reads did not exceed. */
  at(share: number): number {
    return this.#ms.toSorted((a, b) => a - b)[Math.ceil(this.#ms.length * share) - 1] as number;
  }

  /** Share of the bytes that a second replica was asked for. */
  get extra(): number {
    return this.#twiceBytes / this.#onceBytes;
  }

  told(): string {
    const { volumes } = this.#engine;
    const by = volumes.rows.map(({ name }) => volumes.health(name).meter.snapshot().get.operations);
    const [p50, p99] = [this.at(0.5), this.at(0.99)].map((ms) => ms.toFixed(1));
    return `p50 ${p50} ms, p99 ${p99} ms, ${percent(this.extra, 2)} more bytes; reads by volume: ${by.join(", ")}`;
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#engine[Symbol.asyncDispose]();
  }
}
