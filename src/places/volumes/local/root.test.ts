import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { isFault } from "../../../core/errors.ts";
import { prepareRoot } from "./root.ts";
import { claimed, fails, freshFolder } from "./test-tools.ts";

describe("making a local volume", () => {
  const inFolder = async (run: (folder: string) => Promise<void>): Promise<void> => {
    const folder = freshFolder();
    await run(folder).finally(() => rmSync(folder, { recursive: true }));
  };

  test("a folder that holds something else is refused with advice", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "thesis.txt"), "mine");
      await assert.rejects(prepareRoot(folder), (error) => isFault(error, "VOLUME_FOREIGN") && /thesis\.txt/.test(error.message) && error.advice !== undefined);
      assert.deepEqual(readdirSync(folder), ["thesis.txt"]);
    }));

  test("objects without an identity are refused: that is a volume to repair, not a new one", () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, "shard"));
      await fails(prepareRoot(folder), "VOLUME_FOREIGN");
    }));

  test("a new folder, an empty one, a fresh file system, one whose making was interrupted, and a volume are all ready", () =>
    inFolder(async (folder) => {
      await prepareRoot(join(folder, "deep/new"));
      await prepareRoot(join(folder, "deep/new"));
      mkdirSync(join(folder, "fresh/lost+found"), { recursive: true });
      await prepareRoot(join(folder, "fresh"));
      await claimed(join(folder, "fresh"));
      await prepareRoot(join(folder, "fresh"));
    }));

  test("a file in its place is a typed error", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "file"), "");
      await assert.rejects(prepareRoot(join(folder, "file")), (error) => isFault(error));
    }));
});
