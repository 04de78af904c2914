/** Random schedules of pushes, removals and two collectors, over two catalogs on one place, checked after every step. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Bench, type Cases, model, versionId } from "../bench.ts";
import { type Actor, collect, push, removeRef, type Stage } from "./actors.ts";
import { contents, Reference, refNames } from "./reference.ts";

const slots = 6;

/** What a slot does next when it is free: the first three push, two collect, one removes refs. */
interface Turn {
  readonly slot: number;
  readonly pick: number;
  /** The actor dies here and says nothing to anyone. */
  readonly dies: boolean;
  readonly waitMs: number;
}

const turn: fc.Arbitrary<Turn> = fc.record({
  slot: fc.nat(slots - 1),
  pick: fc.nat(0xffff),
  dies: fc.integer({ min: 0, max: 39 }).map((n) => n === 39),
  waitMs: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(1, 400, 1500) }),
});

class Race {
  readonly stage: Stage;
  readonly #bench: Bench;
  readonly #catalogs: readonly Bench["catalog"][];
  readonly #actors: (Actor | undefined)[] = new Array(slots).fill(undefined);
  #jobs = 0;

  constructor(bench: Bench, catalogs: readonly Bench["catalog"][]) {
    this.#bench = bench;
    this.#catalogs = catalogs;
    this.stage = { world: bench.world, reference: new Reference() };
  }

  async take({ slot, pick, dies, waitMs }: Turn): Promise<void> {
    this.#bench.world.wall += waitMs;
    const actor = this.#actors[slot] ?? this.#start(slot, pick);
    const { done } = await actor.next();
    this.#actors[slot] = done || dies ? undefined : actor;
    await this.check();
  }

  async check(): Promise<void> {
    this.stage.reference.checkPins(this.#bench.world.wall);
    await this.stage.reference.checkClosure(this.#bench.catalog);
  }

  /** I6 and I16: after everyone is dead and every lease over, two collections leave what the refs need, and nothing else. */
  async settle(): Promise<void> {
    this.#bench.world.wall += 10_000;
    for (let round = 0; round < 20; round++) for await (const _ of collect(this.stage, this.#bench.catalog));
    await this.check();
    const needed = new Set<number>();
    for (const name of this.stage.reference.reached()) for (const object of await this.#bench.catalog.needs(model, versionId(name))) needed.add(object);
    const { objects, bytes } = (await this.#bench.catalog.garbage()).stored;
    assert.deepEqual({ objects, bytes }, { objects: needed.size, bytes: needed.size });
  }

  #start(slot: number, pick: number): Actor {
    const catalog = this.#catalogs[slot % 2] as Bench["catalog"];
    const name = `job ${++this.#jobs}`;
    const onRef = refNames[pick % 2] as string;
    if (slot < 3) return push(this.stage, catalog, { name, contents: chosen(pick >> 4), ref: onRef, withParent: (pick & 2) !== 0 });
    return slot < 5 ? collect(this.stage, catalog, (["condemn", "claim", "both"] as const)[pick % 3]) : removeRef(this.stage, catalog, onRef, name);
  }
}

function chosen(bits: number): readonly string[] {
  const some = contents.filter((_, n) => (bits >> n) & 1);
  return some.length > 0 ? some : ["a"];
}

export const raceCases: Cases = {
  "I4, I5, G1–G3, C20: no schedule of pushes, removals and two collectors loses what was acknowledged": async (bench) => {
    const property = fc.asyncProperty(fc.array(turn, { minLength: 200, maxLength: 500, size: "max" }), async (turns) => {
      await using fresh = await Bench.make(bench.twin);
      const race = new Race(fresh, [fresh.catalog, await fresh.open()]);
      for (const one of turns) await race.take(one);
      await race.settle();
    });
    // The limit is for shrinking, which would go on for minutes.
    await fc.assert(property, { numRuns: bench.place.schedules ?? 60, interruptAfterTimeLimit: 60_000 });
  },
};
