/** Every command over one store: the fields that its JSON promises, its exit codes, and what people read. */
import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { commands } from "../../src/faces/cli/index.ts";
import type { VolumeSummary } from "../../src/index.ts";
import { Bench } from "./command.ts";

const bench = new Bench();
after(() => bench[Symbol.dispose]());

function assertFields(name: string, result: Record<string, unknown>): void {
  const { fields = [] } = commands.find((command) => command.name === name) ?? {};
  assert.ok(fields.length > 0, name);
  assert.deepEqual(
    fields.filter((field) => !(field in result)),
    [],
    `fields of ${name} in ${JSON.stringify(result)}`,
  );
}

suite("one store from its first push to its rebuild", () => {
  test("there is no store before the first push", async () => {
    const { advice } = await bench.fails(3, "FILE_MISSING", "ls");
    assert.match(advice ?? "", /HOLDFAST_STORE/);
  });

  test("push, and the same again", async () => {
    const folder = bench.model("one");
    const first = await bench.json(0, "push", folder, "acme/chat", "-m", "first", "-m", "of all");
    assertFields("push", first);
    const bytes = ["model.safetensors", "config.json"].reduce((sum, name) => sum + readFileSync(join(folder, name)).length, 0);
    assert.deepEqual([first.files, first.bytes, first.newBytes], [2, bytes, bytes]);
    const again = await bench.json(0, "push", folder, "acme/chat");
    assert.deepEqual([again.version, again.newBytes, again.storedBytes], [first.version, 0, 0]);
  });

  test("pull, and the same again", async () => {
    const pulled = await bench.json(0, "pull", "acme/chat", "copy");
    assertFields("pull", pulled);
    assert.deepEqual(readFileSync(bench.path("copy", "model.safetensors")), readFileSync(bench.path("one", "model.safetensors")));
    const again = await bench.json(0, "pull", "acme/chat", "copy");
    assert.equal(again.resumedBytes, pulled.bytes);
    assert.equal((await bench.json(0, "pull", "acme/chat", "part", "--include", "*.json")).files, 1);
    assert.equal((await bench.json(0, "pull", "acme/chat", "rest", "--exclude", "*.json")).files, 1);
    await bench.json(0, "pull", "acme/chat", "tensors", "--tensor", "model.*");
    assert.ok(readFileSync(bench.path("tensors", "tensors.safetensors")).length > 1 << 20);
    const half = await bench.json(0, "pull", "acme/chat", "half", "--rank", "1", "--tensor-parallel", "2", "--plan", plan());
    assert.ok((half.bytes as number) < 0.6 * (pulled.bytes as number), JSON.stringify(half));
  });

  test("ls, show, log, tag and diff", async () => {
    cpSync(bench.path("one"), bench.path("two"), { recursive: true });
    writeFileSync(bench.path("two", "config.json"), "{}");
    const second = await bench.json(0, "push", "two", "acme/chat", "-m", "second");
    const tagged = await bench.json(0, "tag", "acme/chat@main~1", "old");
    assertFields("tag", tagged);
    assert.notEqual(tagged.version, second.version);

    const listed = await bench.json(0, "ls");
    assertFields("ls", listed);
    const [model] = listed.models as { model: string; refs: { ref: string; version: string }[] }[];
    assert.deepEqual([model?.model, model?.refs.map(({ ref }) => ref)], ["acme/chat", ["main", "old"]]);

    const shown = await bench.json(0, "show", "acme/chat", "--tensors");
    assertFields("show", shown);
    const files = shown.files as { path: string; format: string; tensors: { name: string; shape: number[] }[] }[];
    assert.deepEqual(
      files.map(({ path, format }) => [path, format]),
      [
        ["config.json", "opaque"],
        ["model.safetensors", "safetensors"],
      ],
    );
    assert.deepEqual(files[1]?.tensors, [{ name: "model.embed_tokens.weight", dtype: "BF16", shape: [512, 1024], bytes: 1 << 20 }]);

    const logged = await bench.json(0, "log", "acme/chat");
    assertFields("log", logged);
    const versions = logged.versions as { message: string; parent: string | null; refs: string[] }[];
    assert.deepEqual(
      versions.map(({ message, refs }) => [message, refs]),
      [
        ["second", ["main"]],
        ["first\nof all", ["old"]],
      ],
    );
    assert.equal(((await bench.json(0, "log", "acme/chat", "-n", "1")).versions as unknown[]).length, 1);

    const differing = await bench.json(0, "diff", "acme/chat@old", "acme/chat");
    assertFields("diff", differing);
    assert.deepEqual(
      (differing.files as { path: string; change: string }[]).map(({ path, change }) => [path, change]),
      [["config.json", "changed"]],
    );
    assert.ok((differing.sharedShare as number) > 0.99);
  });

  test("tensor get and set, and watch sees what was set", async () => {
    const tensor = "model.embed_tokens.weight";
    const shown = await bench.json(0, "tensor", "get", "acme/chat@old", tensor);
    assertFields("tensor get", shown);
    assert.deepEqual([shown.dtype, shown.shape, shown.bytes, shown.out], ["BF16", [512, 1024], 1 << 20, null]);
    const got = await bench.json(0, "tensor", "get", "acme/chat", tensor, "--out", "embed.npy");
    assert.ok((got.fetchedBytes as number) > 0);
    const array = readFileSync(bench.path("embed.npy"));
    const bytes = array.subarray(array.length - (1 << 20));
    bytes[5] = (bytes[5] as number) ^ 1;
    writeFileSync(bench.path("embed.bin"), bytes);
    const watching = bench.run("watch", "acme/tuned", "-n", "1", "--after", "0", "--json");
    await bench.json(0, "push", "one", "acme/tuned@start");
    const set = await bench.json(0, "tensor", "set", "acme/tuned@start", tensor, "embed.bin", "-m", "tuned");
    assertFields("tensor set", set);
    assert.ok(set.version !== set.previous && (set.storedBytes as number) < 100_000, JSON.stringify(set));
    const { stdout, json, exitCode } = await watching;
    assert.equal(exitCode, 0);
    const [line] = stdout.split("\n");
    assert.deepEqual([JSON.parse(line ?? "").ref, json.moves], ["start", 1]);
    const both = await bench.run("watch", "acme/tuned", "-n", "2", "--after", "0");
    assert.match(both.stdout, /acme\/tuned@start is \w{12} \(new\)\n.*@start is \w{12} \(was \w{12}\)\n2 moves seen; --after \d+ goes on here\n$/);
    assertFields("watch", json);
    await bench.json(0, "tensor", "get", "acme/tuned@start", tensor, "--out", "again.bin");
    assert.deepEqual(readFileSync(bench.path("again.bin")), bytes);
    assertFields("tensor hot", await bench.json(0, "tensor", "hot", "acme/tuned"));
    await bench.fails(8, "ARGUMENT_INVALID", "tensor", "set", "acme/tuned@start", tensor, "one/config.json");
    await bench.fails(3, "TENSOR_MISSING", "tensor", "get", "acme/chat", "nothing");
    await bench.json(0, "rm", "acme/tuned", "--yes");
  });

  test("people read words and numbers with units", async () => {
    assert.match((await bench.run("ls")).stdout, /^model +refs +size.*\nacme\/chat +main old +1\.05 MB/);
    assert.match((await bench.run("show", "acme/chat")).stdout, /model\.safetensors +1\.05 MB +█+ +safetensors +1\n/);
    assert.match((await bench.run("log", "acme/chat")).stdout, /main +second\n.*old +first\n$/);
    assert.match((await bench.run("diff", "acme/chat@old", "acme/chat")).stdout, /~ +config\.json.*\n1 file unchanged/);
    assert.match((await bench.run("pull", "acme/chat", "copy")).stdout, /is in copy\n2 files, 1\.05 MB; .* were there already\n/);
    assert.match((await bench.run("volumes", "list")).stdout, /main +active +\d/);
    assert.match((await bench.run("doctor")).stdout, /the store is well\n$/);
  });

  test("volumes", async () => {
    const added = await bench.json(0, "volumes", "add", "disk", "--domain", "rack1", "--weight", "2");
    assertFields("volumes add", added);
    assert.deepEqual(added, { name: "disk", url: bench.path("disk"), domain: "rack1", weight: 2 });
    await bench.fails(8, "ARGUMENT_INVALID", "volumes", "add", "elsewhere", "--name", "disk");
    await bench.fails(5, "VOLUME_FOREIGN", "volumes", "add", "two");
    await bench.json(0, "push", "one", "acme/wide", "--replicas", "2");
    const listed = await bench.json(0, "volumes", "list");
    assertFields("volumes list", listed);
    assert.deepEqual(
      (listed.volumes as { name: string; reachable: boolean }[]).map(({ name, reachable }) => [name, reachable]),
      [
        ["disk", true],
        ["main", true],
      ],
    );
    for (const { space, latency, breaker, lastFailure } of listed.volumes as VolumeSummary[]) {
      assert.ok(space && space.capacityBytes >= space.freeBytes);
      assert.ok(latency && latency.reads >= 8 && latency.p50Ms > 0 && latency.p95Ms >= latency.p50Ms);
      assert.deepEqual([breaker, lastFailure], [{ reads: "closed", writes: "closed" }, null]);
    }
    await bench.fails(6, "COLLECT_INCOMPLETE", "volumes", "remove", "main");
    await bench.json(0, "volumes", "add", "spare");
    const trial = await bench.json(0, "volumes", "rebalance", "--dry-run");
    const balanced = await bench.json(0, "volumes", "rebalance");
    assertFields("volumes rebalance", balanced);
    assert.deepEqual([balanced.moved, balanced.failed], [trial.moved, 0]);
    const drained = await bench.json(0, "volumes", "drain", "disk");
    assertFields("volumes drain", drained);
    assert.equal(drained.left, 0);
    assertFields("volumes remove", await bench.json(0, "volumes", "remove", "disk"));
    await bench.fails(3, "VOLUME_MISSING", "volumes", "drain", "disk");
  });

  test("a removal is confirmed, and its bytes go with a collection", async () => {
    const { message } = await bench.fails(2, "USAGE", "rm", "acme/wide");
    assert.match(message, /nobody can be asked/);
    assertFields("rm", await bench.json(0, "rm", "acme/wide", "--yes"));
    await bench.fails(3, "MODEL_MISSING", "rm", "acme/wide", "--yes");
    await bench.json(0, "rm", "acme/chat@old", "-y");
    const dry = await bench.json(0, "gc", "--hold", "0s", "--dry-run");
    assert.equal(dry.removed, 0);
    const collected = await bench.json(0, "gc", "--hold", "0s");
    assertFields("gc", collected);
    assert.ok((collected.removed as number) > 0);
  });

  test("scrub, repair and doctor", async () => {
    const scrubbed = await bench.json(0, "scrub");
    assertFields("scrub", scrubbed);
    assert.deepEqual([scrubbed.damaged, scrubbed.missing], [0, 0]);
    assertFields("repair", await bench.json(0, "repair"));
    const healthy = await bench.json(0, "doctor");
    assertFields("doctor", healthy);
    assert.equal(healthy.clean, true);
  });

  test("rebuild finds everything, the added volumes too", async () => {
    const holdings = async () => {
      const { volumes } = await bench.json(0, "volumes", "list");
      return (volumes as Record<string, unknown>[]).map(({ latency: _latency, space: _space, ...rest }) => rest);
    };
    const all = async () => ({ ls: await bench.json(0, "ls"), log: await bench.json(0, "log", "acme/chat"), volumes: await holdings() });
    const before = await all();
    for (const end of ["", "-wal", "-shm"]) rmSync(bench.path("store", `catalog.sqlite${end}`), { force: true });
    await bench.fails(7, "CATALOG_UNREACHABLE", "ls");
    await bench.fails(7, "CATALOG_UNREACHABLE", "push", "one", "acme/chat");
    assertFields("rebuild", await bench.json(0, "rebuild"));
    assert.deepEqual(await all(), before);
    assert.equal((await bench.json(0, "pull", "acme/chat", "again")).files, 2);
  });
});

function plan(): string {
  const path = bench.path("plan.yaml");
  writeFileSync(path, '- { match: "model.embed_tokens.weight", split: 0 }\n');
  return path;
}
