import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { realWorld } from "../../src/core/world/index.ts";
import type { Catalog } from "../../src/places/catalog/index.ts";
import { type Cases, chunk, domain, model, packed } from "./bench.ts";

const program = fileURLToPath(new URL("child.ts", import.meta.url));

/** Resolves when the process is about to begin, or, where that is asked for, has pushed once. */
async function started(url: string, name: string, count: number, until: "ready" | "pushed" = "ready"): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...process.execArgv.filter((arg) => arg.startsWith("--conditions")), program, url, name, String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  const stdout = child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  while (!said.includes(until)) await once(stdout, "data");
  return child;
}

const exited = async (child: ChildProcess): Promise<number | null> => (child.exitCode !== null ? child.exitCode : (await once(child, "exit"))[0]);

/** Every push that shows is whole, and nothing shows of any other. */
async function checkWhole(catalog: Catalog): Promise<number> {
  const log = await catalog.refLog(model);
  assert.deepEqual(
    log.map((entry) => entry.sequence),
    log.map((_, index) => index + 1),
  );
  for (const { to, opId } of log) {
    assert.ok(to);
    assert.deepEqual(await catalog.outcome(opId), { model, version: to });
    const objects = await catalog.objects(await catalog.needs(model, to));
    assert.deepEqual(objects.map((row) => [row.kind, row.state]), [["shard", "present"], ["manifest", "present"]]); // biome-ignore format: one line
    const names = Array.from({ length: 10 }, (_, k) => `${opId} ${k}`);
    assert.ok((await catalog.places(domain, packed(...names))).every((place) => place?.object === objects[0]?.id));
  }
  assert.equal((await catalog.refs(model)).length, log.length);
  const { objects, chunks } = await catalog.totals();
  assert.deepEqual({ objects, chunks }, { objects: 2 * log.length, chunks: 10 * log.length });
  return log.length;
}

export const processCases: Cases = {
  "several processes and this one write side by side": async (bench) => {
    const children = await Promise.all(["a", "b"].map((name) => started(bench.place.url, name, 15)));
    const mine = Array.from({ length: 15 }, () => bench.catalog.recordOutcome(bench.serial("mine"), model, "0".repeat(40) as never));
    assert.deepEqual(await Promise.all(children.map(exited)), [0, 0]);
    await Promise.all(mine);
    assert.equal(await checkWhole(bench.catalog), 30);
  },
  "P4: a process that is killed leaves whole pushes only": async (bench) => {
    let before = 0;
    for (let round = 0; round < 6; round++) {
      const child = await started(bench.place.url, `round${round}`, 100_000, round % 2 === 0 ? "ready" : "pushed");
      await realWorld.sleep(5 + realWorld.random() * 60, new AbortController().signal);
      child.kill("SIGKILL");
      await exited(child);
      await using fresh = await bench.place.open(bench.world);
      await fresh.transaction(async () => undefined); // a commit that the server had when its sender died comes before this one
      const now = await checkWhole(fresh);
      assert.ok(now >= before);
      before = now;
    }
    assert.ok(before > 0, "no process lived long enough to push");
  },
  "a process that is killed holds no lock": async (bench) => {
    const child = await started(bench.place.url, "held", 100_000);
    child.kill("SIGKILL");
    await exited(child);
    const object = await bench.store(await bench.intent(), [chunk("after")]);
    assert.deepEqual(await bench.holders("after"), [object]);
  },
};
