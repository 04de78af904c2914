import assert from "node:assert/strict";
import { test } from "node:test";
import { isFault } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import { DataNodes } from "./data-nodes.ts";

const never = new AbortController().signal;
const at = (host: string): string => `http://${host}:9864/webhdfs/v1/a?op=CREATE`;

/** A NameNode that lists what it has when it is asked, in a world whose time passes only while somebody sleeps. */
class Cluster {
  readonly living = new Set<string>();
  questions = 0;
  nowMs = 0;
  readonly nodes: DataNodes;

  constructor(learn = async () => this.#list()) {
    const world = { ticks: () => this.nowMs, sleep: async (ms: number) => void (this.nowMs += ms) } as unknown as World;
    this.nodes = new DataNodes({ world, volume: "lake", allowed: [], learn });
  }

  async #list(): Promise<ReadonlyMap<string, string>> {
    this.questions++;
    return new Map([...this.living].map((host) => [`${host}:9864`, `${host}:9866`]));
  }

  async admits(host: string): Promise<boolean> {
    try {
      return (await this.nodes.admit(at(host), never)).hostname === host;
    } catch (error) {
      assert.ok(isFault(error, "ACCESS_DENIED"), String(error));
      return false;
    }
  }
}

test("a DataNode that came just after the list was asked for is followed", async () => {
  const cluster = new Cluster();
  cluster.living.add("a");
  assert.ok(await cluster.admits("a"));
  cluster.nowMs += 10;
  cluster.living.add("b");
  assert.ok(await cluster.admits("b"));
  assert.equal(cluster.questions, 2);
});

test("a stranger is refused by a list from after the redirect, and the NameNode is asked once a second at most", async () => {
  const cluster = new Cluster();
  cluster.living.add("a");
  for (let turn = 0; turn < 5; turn++) assert.equal(await cluster.admits("stranger"), false);
  assert.deepEqual([cluster.questions, cluster.nowMs], [5, 4000]);
});

test("many who want to know at once ask once, and where that question fails the next of them asks", async () => {
  const cluster = new Cluster();
  cluster.living.add("a");
  assert.deepEqual(await Promise.all(Array.from({ length: 8 }, () => cluster.admits("a"))), Array(8).fill(true));
  assert.equal(cluster.questions, 1);
  let failures = 0;
  const broken = new Cluster(async () => {
    await Promise.resolve();
    if (failures++ === 0) throw new Error("no answer");
    return new Map([["a:9864", "a:9866"]]);
  });
  const both = await Promise.allSettled([broken.nodes.admit(at("a"), never), broken.nodes.admit(at("a"), never)]);
  assert.deepEqual(both.map(({ status }) => status), ["rejected", "fulfilled"]); // biome-ignore format: one line
});
