import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { madeOnce } from "../../scripts/services/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "holdfast-tools-"));
after(() => rmSync(folder, { recursive: true }));

test("what two engines want at the same time is made once, and both get the whole of it", async () => {
  const path = join(folder, "wanted");
  let times = 0;
  const make = async (unfinished: string): Promise<void> => {
    const content = `made ${++times} times`;
    await mkdir(unfinished);
    await sleep(20);
    await writeFile(join(unfinished, "program"), content);
  };
  assert.deepEqual(await Promise.all([madeOnce(path, make), madeOnce(path, make)]), [path, path]);
  assert.equal(await madeOnce(path, make), path);
  assert.equal(readFileSync(join(path, "program"), "utf8"), "made 1 times");
});

test("what could not be made is not there, all who wait are told, and the next one tries again", async () => {
  const path = join(folder, "failed");
  const fail = async (unfinished: string): Promise<void> => {
    await mkdir(unfinished);
    throw new Error("no network");
  };
  for (const { status } of await Promise.allSettled([madeOnce(path, fail), madeOnce(path, fail)])) assert.equal(status, "rejected");
  assert.equal(await madeOnce(path, (unfinished) => writeFile(unfinished, "")), path);
});
