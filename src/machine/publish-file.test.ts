import assert from "node:assert/strict";
import fs, { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, test } from "node:test";
import { publishFile, replaceFile } from "./file-io.ts";

const folder = mkdtempSync(join(tmpdir(), "holdfast-publish-"));
mkdirSync(join(folder, "tmp"));
after(() => rmSync(folder, { recursive: true }));
const [temporary, path] = [join(folder, "tmp/1"), join(folder, "a/b/file")];
const short = (long: string): string => relative(folder, long) || ".";
const whyNot = process.platform === "linux" ? false : "needs /proc to name what a descriptor is open on";

/** Runs `work` with the real calls, noting those that make a file durable; `refuse` may make one of them fail. */
function noting(work: () => void, refuse: (call: string) => boolean = () => false): string[] {
  const calls: string[] = [];
  const real = { fsyncSync: fs.fsyncSync, linkSync: fs.linkSync, renameSync: fs.renameSync };
  const note = (call: string): void => {
    calls.push(call);
    if (refuse(call)) throw Object.assign(new Error("EIO"), { code: "EIO" });
  };
  fs.fsyncSync = (descriptor) => {
    note(`fsync ${short(readlinkSync(`/proc/self/fd/${descriptor}`))}`);
    real.fsyncSync(descriptor);
  };
  fs.linkSync = (from, to) => {
    note(`link ${short(String(to))}`);
    real.linkSync(from, to);
  };
  fs.renameSync = (from, to) => {
    note(`rename ${short(String(to))}`);
    real.renameSync(from, to);
  };
  syncBuiltinESMExports();
  try {
    work();
  } catch (error) {
    calls.push((error as NodeJS.ErrnoException).code ?? String(error));
  } finally {
    Object.assign(fs, real);
    syncBuiltinESMExports();
  }
  return calls;
}

const publish = (): void => publishFile(path, temporary, [Buffer.from("content")]);

test("D2 D3: the bytes are durable before the name, and the name and its folders before success", { skip: whyNot }, () => {
  const durable = ["fsync tmp/1", "link a/b/file", "fsync a/b", "fsync a", "fsync ."];
  assert.deepEqual(noting(publish), durable);
  rmSync(path);
  assert.deepEqual(noting(publish), durable, "folders that were there may not be durable yet: someone else may just have made them");
  rmSync(path);
});

test("D6 R6: an fsync of the file that fails is not tried again: no name, no temporary, and the next attempt writes anew", { skip: whyNot }, () => {
  assert.deepEqual(
    noting(publish, (call) => call === "fsync tmp/1"),
    ["fsync tmp/1", "EIO"],
  );
  assert.deepEqual([existsSync(path), readdirSync(join(folder, "tmp"))], [false, []]);
  publish();
  assert.equal(readFileSync(path, "utf8"), "content");
  rmSync(path);
});

for (const failing of ["fsync a/b", "fsync a", "fsync ."])
  test(`D6 R6: a name whose ${failing} failed does not stay, so that a second attempt cannot take it for durable`, { skip: whyNot }, () => {
    const calls = noting(publish, (call) => call === failing);
    assert.deepEqual(calls.slice(-2), [failing, "EIO"]);
    assert.deepEqual([existsSync(path), readdirSync(join(folder, "tmp"))], [false, []]);
  });

test("replacing: the bytes are durable before the name", { skip: whyNot }, () => {
  assert.deepEqual(
    noting(() => replaceFile(join(folder, "target"), temporary, Buffer.from("new"))),
    ["fsync tmp/1", "rename target", "fsync ."],
  );
  assert.deepEqual(
    noting(
      () => replaceFile(join(folder, "target"), temporary, Buffer.from("newer")),
      (call) => call === "fsync tmp/1",
    ),
    ["fsync tmp/1", "EIO"],
  );
  assert.equal(readFileSync(join(folder, "target"), "utf8"), "new");
});
