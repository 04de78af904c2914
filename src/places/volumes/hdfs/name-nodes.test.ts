/** Several NameNodes: proxies in front of a real one, which say what a standby, a starting one, or a dead one says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isFault } from "../../../core/errors.ts";
import { collect, freshKey, sampleBytes } from "../conformance-tools.ts";
import type { Volume } from "../volume.ts";
import { Between, type Verdict } from "./fixtures/between.ts";
import { claimed, Folder, never, onHdfs } from "./test-tools.ts";

interface Pair {
  readonly volume: Volume;
  readonly nodes: readonly [Between, Between];
  /** What each says from now on. */
  readonly says: [Verdict, Verdict];
}

const standby: Verdict = { exception: "StandbyException" };

async function withPair(run: (pair: Pair) => Promise<void>): Promise<void> {
  const folder = new Folder();
  const real = await folder.nameNode();
  const says: Pair["says"] = ["pass", "pass"];
  await using first = await Between.open(real, { nameNode: () => says[0] });
  await using second = await Between.open(real, { nameNode: () => says[1] });
  const datanodes = [...first.dataNodes, ...second.dataNodes].join(",");
  try {
    await using volume = await claimed(folder.url({ datanodes }, [first.nameNode, second.nameNode]));
    await run({ volume, nodes: [first, second], says });
  } finally {
    await folder.remove();
  }
}

const put = (volume: Volume): Promise<unknown> => volume.put(freshKey(), [sampleBytes(1000)], never);

onHdfs("two NameNodes", () => {
  for (const exception of ["StandbyException", "RetriableException", "EOFException"])
    test(`H2: where one says ${exception} the other is asked, and is asked first from then on`, () =>
      withPair(async ({ volume, nodes, says }) => {
        says[0] = { exception };
        await put(volume);
        const asked = nodes[0].asked.length;
        await put(volume);
        assert.equal(nodes[0].asked.length, asked);
        says.splice(0, 2, "pass", { exception });
        await put(volume);
        assert.ok(nodes[0].asked.length > asked);
      }));

  test("H2: one that drops every answer is left, and what it did all the same is found", () =>
    withPair(async ({ volume, says }) => {
      says[0] = "lose";
      const key = freshKey();
      await volume.put(key, [sampleBytes(1000)], never);
      assert.equal((await collect(volume.stat([key], never)))[0]?.bytes, 1000);
      await assert.rejects(volume.put(key, [sampleBytes(7)], never), (error) => isFault(error, "OBJECT_EXISTS"));
    }));

  test("H2: while neither serves they are waited for, as in a failover", () =>
    withPair(async ({ volume, nodes, says }) => {
      says.splice(0, 2, standby, standby);
      const putting = put(volume);
      while (nodes[0].asked.length < 3 || nodes[1].asked.length < 3) await sleep(20);
      says[1] = "pass";
      await putting;
    }));

  test("waiting for them can be cancelled", () =>
    withPair(async ({ volume, nodes, says }) => {
      says.splice(0, 2, standby, standby);
      const stop = new AbortController();
      const putting = volume.put(freshKey(), [sampleBytes(10)], stop.signal);
      const asked = nodes[0].asked.length;
      while (nodes[0].asked.length === asked) await sleep(20);
      stop.abort();
      await assert.rejects(putting, (error) => isFault(error, "CANCELLED"));
      says[0] = "pass";
    }));
});

onHdfs("one NameNode", () => {
  test("a standby alone is VOLUME_UNREACHABLE at once, with what to do", async () => {
    const folder = new Folder();
    let verdict: Verdict = "pass";
    await using between = await Between.open(await folder.nameNode(), { nameNode: () => verdict });
    await using volume = await claimed(folder.url({ datanodes: between.dataNodes.join(",") }, [between.nameNode]));
    verdict = standby;
    await assert.rejects(put(volume), (error) => isFault(error, "VOLUME_UNREACHABLE") && /all NameNodes/.test(error.advice ?? ""));
    verdict = "pass";
    await folder.remove();
  });

  test("H1: in safe mode a put says so before any byte is sent, and reads go on", async () => {
    const folder = new Folder();
    const changes = new Set(["MKDIRS", "RENAME", "DELETE"]);
    let safe = false;
    let connections = 0;
    await using between = await Between.open(await folder.nameNode(), {
      nameNode: (op) => (safe && changes.has(op) ? { exception: "SafeModeException" } : "pass"),
      fate: () => {
        connections++;
        return {};
      },
    });
    await using volume = await claimed(folder.url({ datanodes: between.dataNodes.join(",") }, [between.nameNode]));
    const key = freshKey();
    await volume.put(key, [sampleBytes(100)], never);
    safe = true;
    const before = connections;
    await assert.rejects(put(volume), (error) => isFault(error, "VOLUME_UNREACHABLE") && /safe mode/.test(error.advice ?? ""));
    await assert.rejects(volume.remove([key], never), (error) => isFault(error, "VOLUME_UNREACHABLE"));
    assert.equal(connections, before);
    assert.equal(await volume.get(key, { start: 0, end: 100 }, [Buffer.alloc(100)], never), 100);
    safe = false;
    await folder.remove();
  });
});
