import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, rmdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { rangeOf } from "../../../core/range.ts";
import { MiB } from "../../../core/units.ts";
import { realWorld } from "../../../core/world/index.ts";
import type { Disk } from "../../../machine/disk.ts";
import type { ObjectKey } from "../volume.ts";
import { openLocalVolume } from "./driver.ts";
import { body, claimed, disk, fails, freshFolder, key, keyOf, never } from "./test-tools.ts";

function mountSmall(folder: string): string | undefined {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], { stdio: "ignore" });
    return undefined;
  } catch {
    return "needs the right to mount a tmpfs";
  }
}

const small = freshFolder();
after(() => rmdirSync(small));
const whyNot = process.platform === "linux" ? mountSmall(small) : "needs a Linux tmpfs";

test("D4: a full volume says so, loses nothing, still reads and removes, and takes more afterwards", { skip: whyNot ?? false }, async () => {
  try {
    const volume = await claimed(join(small, "volume"));
    const keys: ObjectKey[] = [];
    const fill = async (): Promise<void> => {
      for (let index = keys.length; index < 100; index++) {
        await volume.put(keyOf(index.toString(16).padStart(2, "0")), [Buffer.alloc(MiB, index)], never);
        keys.push(keyOf(index.toString(16).padStart(2, "0")));
      }
    };
    await fails(fill(), "VOLUME_FULL");
    assert.ok(keys.length >= 14 && keys.length < 16, `${keys.length} MiB went in`);
    assert.deepEqual(readdirSync(join(small, "volume/tmp")), []);
    const { bavail, blocks } = statfsSync(small);
    await fails(volume.put(keyOf("fe"), [Buffer.alloc(bavail * 4096 - Math.floor(blocks / 100) * 4096 + 1)], never), "VOLUME_FULL");
    for (const [index, one] of keys.entries()) {
      const into = Buffer.alloc(MiB);
      assert.equal(await volume.get(one, rangeOf(0, MiB), [into], never), MiB);
      assert.ok(into.equals(Buffer.alloc(MiB, index)));
    }
    await volume.remove(keys.splice(-2), never);
    await volume.put(keyOf("ff"), [Buffer.alloc(MiB)], never);
  } finally {
    execFileSync("umount", [small]);
  }
});

test("D4: writing past the end of a full disk is the disk's own ENOSPC too", { skip: whyNot ?? false }, async () => {
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", small]);
  try {
    const volume = await claimed(join(small, "volume"));
    const greedy: Disk = { ...disk, publish: (path, temporary, _, signal) => disk.publish(path, temporary, [Buffer.alloc(9 * MiB)], signal) };
    const unaware = await openLocalVolume({ root: join(small, "volume"), name: volume.name, disk: greedy, world: realWorld });
    await fails(unaware.put(key, body, never), "VOLUME_FULL");
    assert.deepEqual(readdirSync(join(small, "volume/tmp")), []);
    await volume.put(key, body, never);
  } finally {
    execFileSync("umount", [small]);
  }
});
