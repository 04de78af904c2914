import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { isFault } from "../../../core/errors.ts";
import { parseVolumeName } from "../../../core/names.ts";
import { rangeOf } from "../../../core/range.ts";
import { realWorld } from "../../../core/world/index.ts";
import type { Disk } from "../../../machine/disk.ts";
import { volumeConformance } from "../conformance.ts";
import { claimIdentity } from "../identity.ts";
import type { ObjectKey, Volume } from "../volume.ts";
import { openLocalVolume } from "./driver.ts";
import { prepareRoot, sweepTemporaries } from "./root.ts";
import { body, claimed, disk, fails, fixtureIn, freshFolder, identity, key, keyOf, never } from "./test-tools.ts";

volumeConformance("local", () => fixtureIn(freshFolder()));

// ---- what can go wrong with a folder -----------------------------------------------------------------------------

const get = (volume: Volume, what: ObjectKey = key): Promise<number> => volume.get(what, rangeOf(0, 4), [Buffer.alloc(4)], never);

async function count(stats: AsyncIterable<unknown>): Promise<number> {
  let all = 0;
  for await (const _ of stats) all++;
  return all;
}

async function withVolume(run: (volume: Volume, root: string) => Promise<void>, on: Disk = disk): Promise<void> {
  const folder = freshFolder();
  try {
    await run(await claimed(join(folder, "volume"), on), join(folder, "volume"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A disk whose reads or writes fail with an errno. */
function failingDisk(failures: { readonly read?: string; readonly publish?: string }): Disk {
  const raise = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  return {
    read: async (...call) => (failures.read ? raise(failures.read) : disk.read(...call)),
    publish: async (...call) => (failures.publish && !call[0].endsWith("identity/volume") ? raise(failures.publish) : disk.publish(...call)),
  };
}

async function assertAbsent(volume: Volume): Promise<void> {
  await fails(get(volume), "VOLUME_IDENTITY_MISSING");
  await fails(volume.put(keyOf("cd"), body, never), "VOLUME_IDENTITY_MISSING");
  await fails(count(volume.stat([key], never)), "VOLUME_IDENTITY_MISSING");
  await fails(count(volume.list(undefined, never)), "VOLUME_IDENTITY_MISSING");
  await fails(volume.remove([key], never), "VOLUME_IDENTITY_MISSING");
}

describe("local volume", () => {
  test("D11: its folder is gone: no operation calls anything missing, and nothing is made anew", () =>
    withVolume(async (volume, root) => {
      await volume.put(key, body, never);
      renameSync(root, `${root}-away`);
      await assertAbsent(volume);
      assert.equal(existsSync(root), false);
      renameSync(`${root}-away`, root);
      assert.equal(await get(volume), 4);
    }));

  test("D12: an empty mount point: no operation calls anything missing, and nothing is written to it", () =>
    withVolume(async (volume, root) => {
      await volume.put(key, body, never);
      renameSync(root, `${root}-away`);
      mkdirSync(root);
      await assertAbsent(volume);
      assert.deepEqual(readdirSync(root), []);
    }));

  test("D12: a disk that vanishes while it is listed ends the list with an error", () =>
    withVolume(async (volume, root) => {
      for (const hex of ["01", "02", "03"]) await volume.put(keyOf(hex), body, never);
      const listing = async (): Promise<void> => {
        for await (const { key: listed } of volume.list(undefined, never)) if (listed === keyOf("01")) renameSync(root, `${root}-away`);
      };
      await fails(listing(), "VOLUME_IDENTITY_MISSING");
    }));

  test("D13: another volume of the store mounted in its place is VOLUME_FOREIGN", () =>
    withVolume(async (volume, root) => {
      await volume.put(key, body, never);
      renameSync(root, `${root}-away`);
      await prepareRoot(root);
      const other = await openLocalVolume({ root, name: parseVolumeName("other"), disk, world: realWorld });
      await claimIdentity(other, { ...identity, volumeId: "2".repeat(32) }, never);
      await fails(get(volume), "VOLUME_FOREIGN");
      await fails(volume.put(keyOf("cd"), body, never), "VOLUME_FOREIGN");
      await fails(count(volume.list(undefined, never)), "VOLUME_FOREIGN");
    }));

  for (const [errno, code] of [
    ["ENOSPC", "VOLUME_FULL"],
    ["EDQUOT", "VOLUME_FULL"],
    ["EROFS", "ACCESS_DENIED"],
    ["EACCES", "ACCESS_DENIED"],
    ["EPERM", "ACCESS_DENIED"],
    ["EIO", "VOLUME_UNREACHABLE"],
    ["ESTALE", "VOLUME_UNREACHABLE"],
    ["EMFILE", "VOLUME_UNREACHABLE"],
    ["ENAMETOOLONG", "VOLUME_UNREACHABLE"],
    ["EXDEV", "VOLUME_UNREACHABLE"],
    ["EFBIG", "LIMIT_EXCEEDED"],
  ] as const)
    test(`D4 D5 D6 D15: ${errno} on writing is ${code}`, () =>
      withVolume(
        async (volume) => {
          await fails(volume.put(key, body, never), code);
          await fails(get(volume), "OBJECT_MISSING");
        },
        failingDisk({ publish: errno }),
      ));

  for (const [errno, code] of [
    ["EIO", "VOLUME_UNREACHABLE"],
    ["ESTALE", "VOLUME_UNREACHABLE"],
    ["EACCES", "ACCESS_DENIED"],
    ["EMFILE", "VOLUME_UNREACHABLE"],
  ] as const)
    test(`D5 D15: ${errno} on reading is ${code}, never missing`, async () => {
      const folder = freshFolder();
      await claimed(join(folder, "volume"));
      const volume = await openLocalVolume({
        root: join(folder, "volume"),
        name: parseVolumeName("local"),
        disk: failingDisk({ read: errno }),
        world: realWorld,
      });
      await fails(get(volume), code);
      rmSync(folder, { recursive: true });
    });

  test("the errno is in the message, the error in the cause and the next step in the advice", () =>
    withVolume(
      async (volume) => {
        await assert.rejects(volume.put(key, body, never), (error) => {
          assert.ok(isFault(error, "VOLUME_FULL"));
          assert.match(error.message, /ENOSPC/);
          assert.match(error.message, new RegExp(key));
          assert.equal((error.cause as NodeJS.ErrnoException).code, "ENOSPC");
          assert.match(error.advice ?? "", /holdfast volumes add/);
          return true;
        });
      },
      failingDisk({ publish: "ENOSPC" }),
    ));

  test("D15: a folder that may not be written to is ACCESS_DENIED", { skip: process.getuid?.() === 0 && "root may write anywhere" }, () =>
    withVolume(async (volume, root) => {
      chmodSync(join(root, "tmp"), 0o500);
      await fails(volume.put(key, body, never), "ACCESS_DENIED");
      chmodSync(join(root, "tmp"), 0o700);
    }),
  );

  test("D3: temporaries of more than a day are swept on opening, younger ones are not", () =>
    withVolume(async (volume, root) => {
      await volume.put(key, body, never);
      const [old, young] = [join(root, "tmp/old"), join(root, "tmp/young")];
      writeFileSync(old, "torn");
      writeFileSync(young, "torn");
      const twoDaysAgo = realWorld.now() / 1000 - 2 * 86400;
      utimesSync(old, twoDaysAgo, twoDaysAgo);
      await openLocalVolume({ root, name: parseVolumeName("again"), disk, world: realWorld });
      assert.deepEqual(readdirSync(join(root, "tmp")), ["young"]);
      assert.deepEqual(await sweepTemporaries(root), { files: 1, bytes: 4 });
      assert.deepEqual(readdirSync(join(root, "tmp")), []);
      assert.equal(await get(volume), 4);
    }));

  test("a write leaves no temporary, whether it succeeds or not", () =>
    withVolume(async (volume, root) => {
      await volume.put(key, body, never);
      await fails(volume.put(key, body, never), "OBJECT_EXISTS");
      assert.deepEqual(readdirSync(join(root, "tmp")), []);
    }));

  test("a folder of temporaries that somebody removed is made again", () =>
    withVolume(async (volume, root) => {
      rmSync(join(root, "tmp"), { recursive: true });
      await volume.put(key, body, never);
      assert.equal(await get(volume), 4);
    }));

  test("names that are no keys are not listed", () =>
    withVolume(async (volume, root) => {
      await volume.put(key, body, never);
      writeFileSync(join(root, "shard/domain/ab/.DS_Store"), "x");
      writeFileSync(join(root, "shard/domain/ab", `${"cd".padEnd(64, "0")}-1`), "in the wrong folder");
      mkdirSync(join(root, "shard/..bad..name/ab"), { recursive: true });
      mkdirSync(join(root, "lost+found"));
      assert.equal(await count(volume.list(undefined, never)), 2, "the object and the identity");
    }));

  test("what is no file is no object, and a pipe in the place of one keeps nobody waiting", () =>
    withVolume(async (volume, root) => {
      const folder = join(root, "shard/domain/ab");
      mkdirSync(folder, { recursive: true });
      for (const put of [mkdirSync, (path: string) => symlinkSync(join(root, "identity/volume"), path), (path: string) => execFileSync("mkfifo", [path])]) {
        put(join(root, key));
        assert.equal(await count(volume.stat([key], never)), 0);
        assert.equal(await count(volume.list(undefined, never)), 1, "the identity");
        rmSync(join(root, key), { recursive: true });
      }
      execFileSync("mkfifo", [join(root, key)]);
      await fails(get(volume), "OBJECT_CORRUPT");
      rmSync(join(root, key));
      mkdirSync(join(root, key));
      await fails(get(volume), "OBJECT_CORRUPT");
    }));

  test("R1: a key that was cast and not made reaches no path", () =>
    withVolume(async (volume, root) => {
      for (const evil of ["../outside", "/etc/passwd", "shard/../../outside", "shard/domain/ab/x", ""]) {
        await fails(volume.put(evil as ObjectKey, body, never), "NAME_INVALID");
        await fails(get(volume, evil as ObjectKey), "NAME_INVALID");
        await fails(volume.remove([evil as ObjectKey], never), "NAME_INVALID");
      }
      assert.deepEqual(readdirSync(join(root, "..")), ["volume"]);
    }));
});

volumeConformance("local on a file system of another kind", async () => {
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "holdfast-volume-"));
  return fixtureIn(folder);
});
