/** Collection without any hold, while several processes push, pull, tag and remove: no command fails, and nothing that is named is lost. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Random, randomFrom } from "../../src/bytes/kernels/specimens.ts";
import { Holdfast } from "./command.ts";
import { makeVariants, type Variant } from "./make/variants.ts";
import { type Place, show } from "./place.ts";
import { assertSame, type Digests, digestsOf } from "./trees.ts";
import { pick, writeSettings } from "./volumes.ts";

export const collectUnderLoad = show({
  says: "pushes, pulls, removals and gc with no hold in a loop from several processes: no error, nothing lost",
  full: { seconds: 600, writers: 2, readers: 2, variantBytes: 12e6, variants: 6 },
  small: { seconds: 8, writers: 1, readers: 1, variantBytes: 3e6, variants: 4 },
  async run(place, sizes) {
    const holdfast = new Holdfast(place.folder);
    const volumes = await writeSettings(holdfast.store, 3);
    const variants = await makeVariants(place.folder, sizes.variants, sizes.variantBytes);
    const load = new Load(place, holdfast, variants);
    for (let writer = 0; writer < sizes.writers; writer++) await load.push(writer, `w${writer}`, variants[0] as Variant);
    await load.push(0, "r0", variants[1] as Variant);
    await load.remove(0, "r0");
    const untilMs = performance.now() + sizes.seconds * 1000;
    const loops = [load.loop(untilMs, () => load.collect())];
    for (let writer = 0; writer < sizes.writers; writer++) loops.push(load.loop(untilMs, (random) => load.write(writer, random)));
    for (let reader = 0; reader < sizes.readers; reader++) loops.push(load.loop(untilMs, (random) => load.read(reader, sizes.writers, random)));
    await Promise.all(loops);
    place.say([...load.tally].map(([what, count]) => `${count} ${what}`).join(", "));
    await load.assertNothingLost();
    assert.ok((load.tally.get("removed objects") ?? 0) > 0, "the collections had something to remove");
    await holdfast.ok(["doctor"]);
    const scrubbed = await holdfast.ok<{ damaged: number; missing: number }>(["scrub"]);
    assert.deepEqual([scrubbed.damaged, scrubbed.missing], [0, 0]);
    place.say(`${load.refs.size} refs load, doctor is content, every replica on ${volumes.length} volumes is whole`);
  },
});

const refsPerWriter = 3;

class Load {
  readonly tally = new Map<string, number>();
  /** What was acknowledged and not removed since. */
  readonly refs = new Map<string, Digests>();
  readonly #place: Place;
  readonly #holdfast: Holdfast;
  readonly #variants: readonly Variant[];
  #failed = false;
  #seed = 70;

  constructor(place: Place, holdfast: Holdfast, variants: readonly Variant[]) {
    this.#place = place;
    this.#holdfast = holdfast;
    this.#variants = variants;
  }

  /** The first failure ends all loops. */
  async loop(untilMs: number, turn: (random: Random) => Promise<void>): Promise<void> {
    const random = randomFrom(this.#seed++);
    try {
      while (!this.#failed && performance.now() < untilMs) await turn(random);
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  /** Models of all writers share their chunks: what one removes is what another needs again. */
  async push(writer: number, ref: string, variant: Variant): Promise<void> {
    const name = `acme/model-${writer}@${ref}`;
    await this.#holdfast.push(variant.folder, name, ["--replicas", "2"]);
    this.refs.set(name, variant.digests);
    this.#count("pushes");
  }

  async write(writer: number, random: Random): Promise<void> {
    const ref = `r${Math.floor(random() * refsPerWriter)}`;
    const name = `acme/model-${writer}@${ref}`;
    if (this.refs.has(name)) await this.remove(writer, ref);
    else await this.push(writer, ref, pick(this.#variants, random));
  }

  async remove(writer: number, ref: string): Promise<void> {
    const name = `acme/model-${writer}@${ref}`;
    this.refs.delete(name);
    await this.#holdfast.ok(["rm", name, "--yes"]);
    this.#count("removals");
  }

  /** A ref that is always there, and moves. */
  async read(reader: number, writers: number, random: Random): Promise<void> {
    const writer = Math.floor(random() * writers);
    if (random() < 0.2) await this.push(writer, `w${writer}`, pick(this.#variants, random));
    const target = join(this.#place.folder, `reader-${reader}`);
    await this.#holdfast.pull(`acme/model-${writer}@w${writer}`, target);
    const loaded = await digestsOf(target);
    const same = this.#variants.some(({ digests }) => [...digests].every(([path, digest]) => loaded.get(path) === digest));
    assert.ok(same, "what was loaded is one of the states that were pushed");
    await rm(target, { recursive: true });
    this.#count("pulls");
  }

  async collect(): Promise<void> {
    const { removed } = await this.#holdfast.ok<{ removed: number }>(["gc", "--hold", "0s", "--approve"]);
    this.#count("collections");
    this.#count("removed objects", removed);
  }

  async assertNothingLost(): Promise<void> {
    const target = join(this.#place.folder, "at-the-end");
    for (const [name, digests] of this.refs) {
      await this.#holdfast.pull(name, target);
      // A ref that several processes push has the bytes of whoever came last.
      const loaded = await digestsOf(target);
      if (!name.includes("@w")) assertSame(loaded, digests, name);
      else
        assert.ok(
          this.#variants.some((variant) => [...variant.digests].every(([path, digest]) => loaded.get(path) === digest)),
          name,
        );
      await rm(target, { recursive: true });
    }
  }

  #count(what: string, count = 1): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + count);
  }
}
