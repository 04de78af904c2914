import assert from "node:assert/strict";
import fs, { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { directFlag, tryDirect } from "./descriptor.ts";
import { openDescriptors, publishFile, readInto, replaceFile, writeAt } from "./file-io.ts";
import { linkNew } from "./publish-file.ts";
import { cutRuns } from "./runs.ts";

const MiB = 1024 * 1024;
const page = 4096;
const folder = mkdtempSync(join(tmpdir(), "holdfast-io-"));
after(() => rmSync(folder, { recursive: true }));
using files = openDescriptors();

/** Shared and page-aligned, as the arena is. */
const memory = new WebAssembly.Memory({ initial: 512, maximum: 512, shared: true });
const arena = new Uint8Array(memory.buffer);
const pattern = Buffer.from(Array.from({ length: 251 }, (_, index) => index));
const expected = Buffer.alloc(12 * MiB + 77, pattern);

function bytesAt(view: Uint8Array): Buffer {
  return Buffer.from(view);
}

let made = 0;
function freshPath(): string {
  return join(folder, `file-${made++}`);
}

const errno = (code: string) => (error: unknown) => (error as NodeJS.ErrnoException).code === code;

test("runs tile the range in order, and direct ones are aligned in file and memory", () => {
  fc.assert(
    fc.property(fc.nat(3 * page), fc.array(fc.tuple(fc.nat(2 * page), fc.nat(5 * page)), { maxLength: 5 }), (offset, shapes) => {
      const views = shapes.map(([at, length]) => arena.subarray(at, at + length));
      const runs = cutRuns(offset, views, page);
      let at = offset;
      for (const run of runs) {
        assert.equal(run.offset, at);
        assert.equal(
          run.bytes,
          run.views.reduce((sum, view) => sum + view.byteLength, 0),
        );
        at += run.bytes;
        if (!run.direct) continue;
        for (const view of run.views) assert.deepEqual([view.byteOffset % page, view.byteLength % page, run.offset % page], [0, 0, 0]);
      }
      assert.equal(at, offset + shapes.reduce((sum, [, length]) => sum + length, 0));
      for (const [index, run] of runs.entries()) assert.ok(run.direct || runs[index + 1]?.direct !== false, "neighbours that are not direct are one run");
    }),
  );
});

test("a view that could be direct is direct", () => {
  assert.deepEqual(
    cutRuns(10, [arena.subarray(10, 10 + 3 * page)], page).map((run) => [run.offset, run.bytes, run.direct]),
    [
      [10, page - 10, false],
      [page, 2 * page, true],
      [3 * page, 10, false],
    ],
  );
});

test("any range scattered over any views reads the same bytes, direct or not", () => {
  const path = freshPath();
  writeFileSync(path, expected);
  fc.assert(
    fc.property(fc.nat(expected.length + page), fc.array(fc.tuple(fc.nat(page), fc.nat(3 * MiB)), { maxLength: 4 }), (offset, shapes) => {
      const views = shapes.map(([at, length], index) => arena.subarray(index * 4 * MiB + at, index * 4 * MiB + at + length));
      const want = expected.subarray(offset, offset + shapes.reduce((sum, [, length]) => sum + length, 0));
      for (const directBytesMin of [page, Number.POSITIVE_INFINITY]) {
        for (const view of views) view.fill(0xee);
        assert.equal(readInto(files, path, offset, views, directBytesMin), want.length);
        assert.ok(Buffer.concat(views.map(bytesAt)).subarray(0, want.length).equals(want));
      }
    }),
    { numRuns: 40 },
  );
});

test("a direct read ends where the file ends, and leaves memory outside its views alone", () => {
  const path = freshPath();
  writeFileSync(path, expected);
  arena.fill(0xee);
  const view = arena.subarray(page, page + 12 * MiB + 2 * page);
  assert.equal(readInto(files, path, 0, [view]), expected.length);
  assert.ok(bytesAt(view.subarray(0, expected.length)).equals(expected));
  assert.ok([page - 1, page + view.length].every((at) => arena[at] === 0xee));
});

test("more views than one call takes", () => {
  const path = freshPath();
  writeFileSync(path, expected.subarray(0, 9000));
  const views = Array.from({ length: 3000 }, (_, index) => arena.subarray(index * 10, index * 10 + 3));
  assert.equal(readInto(files, path, 0, views), 9000);
  assert.ok(Buffer.concat(views.map(bytesAt)).equals(expected.subarray(0, 9000)));
});

test("no memory at all still finds out that the file is missing", () => {
  assert.throws(() => readInto(files, freshPath(), 0, []), errno("ENOENT"));
});

test("a file that was removed or replaced is not read from the past", () => {
  const path = freshPath();
  writeFileSync(path, "old");
  linkSync(path, freshPath());
  const view = arena.subarray(0, 3);
  readInto(files, path, 0, [view]);
  writeFileSync(`${path}.new`, "new");
  renameSync(`${path}.new`, path);
  readInto(files, path, 0, [view]);
  assert.equal(bytesAt(view).toString(), "new");
  rmSync(path);
  assert.throws(() => readInto(files, path, 0, [view]), errno("ENOENT"));
});

test("open descriptors are bounded", { skip: process.platform !== "linux" && "needs /proc" }, () => {
  const open = (): number => readdirSync("/proc/self/fd").length;
  const before = open();
  using few = openDescriptors(4);
  for (let index = 0; index < 40; index++) {
    const path = freshPath();
    writeFileSync(path, "x");
    readInto(few, path, 0, [arena.subarray(0, 1)]);
  }
  assert.equal(open(), before + 4);
  few[Symbol.dispose]();
  assert.equal(open(), before, "none is left when they are disposed of");
  readInto(few, join(folder, "file-0"), 0, [arena.subarray(0, 1)]);
  few[Symbol.dispose]();
  assert.equal(open(), before, "nor when they were used again");
});

test("writing at any offset from any memory changes exactly those bytes", () => {
  const path = freshPath();
  fc.assert(
    fc.property(fc.nat(2 * MiB), fc.nat(page), fc.nat(2 * MiB), (offset, at, length) => {
      writeFileSync(path, Buffer.alloc(4 * MiB + 5, 1));
      const view = arena.subarray(at, at + length);
      view.set(expected.subarray(0, length));
      writeAt(path, offset, view);
      const want = Buffer.alloc(4 * MiB + 5, 1);
      expected.copy(want, offset, 0, length);
      assert.ok(readFileSync(path).equals(want));
    }),
    { numRuns: 30 },
  );
});

test("a publication is whole, leaves no temporary and makes the folders it needs", () => {
  const temporary = join(folder, "t-1");
  const path = join(folder, "a/b/c/file");
  arena.set(expected);
  publishFile(path, temporary, [arena.subarray(0, 8 * MiB), arena.subarray(8 * MiB, expected.length)]);
  assert.ok(readFileSync(path).equals(expected));
  assert.equal(statSync(temporary, { throwIfNoEntry: false }), undefined);
  assert.equal(statSync(path).nlink, 1);
});

test("a publication never overwrites", () => {
  const path = freshPath();
  writeFileSync(path, "first");
  assert.throws(() => publishFile(path, join(folder, "t-2"), [Buffer.from("second")]), errno("EEXIST"));
  assert.equal(readFileSync(path, "utf8"), "first");
  assert.equal(statSync(join(folder, "t-2"), { throwIfNoEntry: false }), undefined);
});

test("a publication makes no folder above the one it shares with its temporary", () => {
  const root = join(folder, "not-mounted");
  assert.throws(() => publishFile(join(root, "shard/ab/file"), join(root, "tmp/1"), [Buffer.from("x")]), errno("ENOENT"));
  mkdirSync(root);
  assert.throws(() => publishFile(join(root, "shard/ab/file"), join(root, "tmp/1"), [Buffer.from("x")]), errno("ENOENT"));
  assert.deepEqual(readdirSync(root), []);
});

test("a temporary that somebody else has is not touched", () => {
  const temporary = freshPath();
  writeFileSync(temporary, "theirs");
  assert.throws(() => publishFile(freshPath(), temporary, [Buffer.from("mine")]), errno("EEXIST"));
  assert.equal(readFileSync(temporary, "utf8"), "theirs");
});

test("without hard links a publication still refuses to overwrite", () => {
  const refuse = (): never => {
    throw Object.assign(new Error("EPERM"), { code: "EPERM" });
  };
  const [temporary, path] = [freshPath(), freshPath()];
  writeFileSync(temporary, "mine");
  linkNew(temporary, path, refuse);
  assert.equal(readFileSync(path, "utf8"), "mine");
  writeFileSync(temporary, "other");
  assert.throws(() => linkNew(temporary, path, refuse), errno("EEXIST"));
  symlinkSync("nowhere", `${path}.link`);
  assert.throws(() => linkNew(temporary, `${path}.link`, refuse), errno("EEXIST"));
});

test("replacing puts the new content in one step", () => {
  const path = freshPath();
  writeFileSync(path, "old and longer");
  replaceFile(path, join(folder, "t-3"), Buffer.from("new"));
  assert.equal(readFileSync(path, "utf8"), "new");
  assert.equal(statSync(join(folder, "t-3"), { throwIfNoEntry: false }), undefined);
});

test("only a refusal of O_DIRECT itself leads to the page cache", () => {
  const failing = (code: string) => () =>
    tryDirect(() => {
      throw Object.assign(new Error(code), { code });
    });
  for (const code of ["EINVAL", "ENOTSUP", "EOPNOTSUPP"]) assert.equal(failing(code)(), 0);
  assert.throws(failing("EIO"), errno("EIO"));
});

/** Runs `work` with calls of node:fs replaced, which the code under test sees too. */
function withCalls(replaced: Partial<typeof fs>, work: () => void): void {
  const real = Object.fromEntries(Object.keys(replaced).map((name) => [name, fs[name as keyof typeof fs]]));
  Object.assign(fs, replaced);
  syncBuiltinESMExports();
  try {
    work();
  } finally {
    Object.assign(fs, real);
    syncBuiltinESMExports();
  }
}

function assertReadsAndWrites(): void {
  const path = freshPath();
  writeFileSync(path, Buffer.alloc(expected.length));
  arena.set(expected);
  writeAt(path, 0, arena.subarray(0, expected.length));
  assert.ok(readFileSync(path).equals(expected));
  arena.fill(0);
  assert.equal(readInto(files, path, 0, [arena.subarray(0, expected.length)]), expected.length);
  assert.ok(bytesAt(arena.subarray(0, expected.length)).equals(expected));
}

test("a file system that refuses to open with O_DIRECT is read and written all the same", () => {
  let refused = 0;
  const { openSync } = fs;
  const refusing = (path: fs.PathLike, flags: fs.OpenMode, mode?: fs.Mode | null): number => {
    if ((Number(flags) & directFlag) === 0) return openSync(path, flags, mode);
    refused++;
    throw Object.assign(new Error("EINVAL"), { code: "EINVAL" });
  };
  withCalls({ openSync: refusing }, assertReadsAndWrites);
  assert.equal(refused, directFlag === 0 ? 0 : 2, "one for the write and one for the read");
});

test("memory or a file system that refuses direct transfers, and transfers that stop early, change nothing", () => {
  const { readvSync, writevSync } = fs;
  const einval = (): never => {
    throw Object.assign(new Error("EINVAL"), { code: "EINVAL" });
  };
  const isLarge = (views: readonly NodeJS.ArrayBufferView[]): boolean => (views[0]?.byteLength ?? 0) > MiB;
  const refusing = {
    readvSync: (file: number, views: readonly NodeJS.ArrayBufferView[], at?: number) =>
      isLarge(views) && refusals-- > 0 ? einval() : readvSync(file, views, at),
    writevSync: (file: number, views: readonly NodeJS.ArrayBufferView[], at?: number) =>
      isLarge(views) && refusals-- > 0 ? einval() : writevSync(file, views, at),
  };
  let refusals = 1;
  const firstPage = (views: readonly NodeJS.ArrayBufferView[]): Uint8Array[] => [
    (views[0] as Uint8Array).subarray(0, Math.min(page, views[0]?.byteLength ?? 0)),
  ];
  const stopping = {
    readvSync: (file: number, views: readonly NodeJS.ArrayBufferView[], at?: number) => readvSync(file, isLarge(views) ? firstPage(views) : views, at),
    writevSync: (file: number, views: readonly NodeJS.ArrayBufferView[], at?: number) => writevSync(file, isLarge(views) ? firstPage(views) : views, at),
  };
  if (directFlag !== 0) {
    withCalls({ writevSync: refusing.writevSync }, assertReadsAndWrites);
    refusals = 1;
    withCalls({ readvSync: refusing.readvSync }, assertReadsAndWrites);
    assert.ok(refusals <= 0);
  }
  withCalls(stopping, assertReadsAndWrites);
});

test("a write that takes no bytes is an error and not a loop", () => {
  withCalls({ writevSync: () => 0 }, () => assert.throws(assertReadsAndWrites, errno("EIO")));
});
