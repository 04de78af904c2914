/** What goes wrong: the exit code says which kind, the last line says what, and standard error says it to people. */
import assert from "node:assert/strict";
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runCommandLine } from "../../src/faces/cli/index.ts";
import { Bench, type Ended, endOf } from "./command.ts";

const bench = new Bench();
before(async () => {
  bench.model("one");
  await bench.json(0, "push", "one", "acme/chat");
});
after(() => bench[Symbol.dispose]());

suite("lines that cannot be used", () => {
  const lines = [
    [],
    ["pussh"],
    ["push"],
    ["push", "one"],
    ["push", "one", "acme/x", "more"],
    ["ls", "--no-such"],
    ["push", "one", "acme/x", "--replicas", "zero"],
    ["push", "one", "acme/x", "--replicas", "0"],
    ["push", "one", "acme/x", "--strategy", "best"],
    ["push", "one", "acme/x", "--encode", "zip"],
    ["pull", "acme/chat", "x", "--rank", "1"],
    ["pull", "acme/chat", "x", "--tensor-parallel", "2"],
    ["gc", "--hold", "soon"],
    ["ls", "--memory", "much"],
    ["volumes"],
    ["volumes", "ad", "x"],
    ["volumes", "add", "x", "--weight", "-1"],
  ] as const;
  for (const words of lines)
    test(`holdfast ${words.join(" ")}`, async () => {
      let stdout = "";
      const write = (text: string): boolean => text !== "" && (stdout += text) !== "";
      const place = {
        env: { HOLDFAST_STORE: bench.path("store") },
        stdin: process.stdin,
        stdout: { write },
        stderr: new PassThrough(),
        signal: new AbortController().signal,
      };
      assert.equal(await runCommandLine([...words, "--json"], place), 2);
      const { error } = JSON.parse(stdout) as { error: { code: string; advice: string } };
      assert.equal(error.code, "USAGE");
      assert.ok(error.advice.length > 5, error.advice);
    });

  test("what was probably meant is said", async () => {
    const { stderr } = await bench.run("pussh");
    assert.equal(stderr, "error: unknown command 'pussh'\nDid you mean push?\n");
  });
});

suite("each kind of failure has its exit code", () => {
  test("3 missing", async () => {
    await bench.fails(3, "MODEL_MISSING", "pull", "acme/nope", "x");
    await bench.fails(3, "REF_MISSING", "show", "acme/chat@nope");
    await bench.fails(3, "REF_MISSING", "show", "acme/chat@main~1");
    await bench.fails(3, "FILE_MISSING", "push", "nowhere", "acme/chat");
    await bench.fails(3, "FILE_MISSING", "pull", "acme/chat", "x", "--include", "*.gguf");
    await bench.fails(3, "TENSOR_MISSING", "pull", "acme/chat", "x", "--tensor", "nope");
  });

  test("8 invalid", async () => {
    await bench.fails(8, "NAME_INVALID", "ls", "a/b/c");
    await bench.fails(8, "ARGUMENT_INVALID", "ls", "--memory", "1MiB");
    await bench.fails(8, "ARGUMENT_INVALID", "pull", "acme/chat", "x", "--rank", "2", "--tensor-parallel", "2");
    await bench.fails(8, "ARGUMENT_INVALID", "push", "one", "acme/chat", "--replicas", "1", "--min-replicas", "2");
  });

  test("6 conflict", async () => {
    await bench.fails(6, "REF_CONFLICT", "push", "one", "acme/new", "--expect", "0".repeat(40));
  });

  test("7 unreachable", async () => {
    await bench.fails(7, "REPLICAS_TOO_FEW", "push", "one", "acme/more", "--replicas", "3");
  });

  test("4 corrupt, and whole again is not to be had without a replica", async () => {
    using other = new Bench();
    other.model("one");
    await other.json(0, "push", "one", "acme/chat");
    const shards = other.path("store", "volumes", "main", "shard");
    for (const entry of readdirSync(shards, { recursive: true, withFileTypes: true })) if (entry.isFile()) flip(join(entry.parentPath, entry.name));
    await other.fails(4, "DATA_CORRUPT", "pull", "acme/chat", "x");
    const scrubbed = await other.json(4, "scrub");
    assert.equal(scrubbed.damaged, 1);
  });

  test("settings that are wrong are refused with their line", async () => {
    using other = new Bench();
    mkdirSync(other.path("store"));
    writeFileSync(other.path("store", "holdfast.yaml"), "replicas: 2\nvolums: []\n");
    const { message, advice } = await other.fails(8, "CONFIG_INVALID", "ls");
    assert.match(`${message} ${advice}`, /holdfast\.yaml:2: there is no setting volums Did you mean "volumes"\?$/);
  });
});

suite("the settings hold", () => {
  test("volumes of the file are claimed, and flags go before it", async () => {
    using other = new Bench();
    other.model("one");
    mkdirSync(other.path("store"));
    writeFileSync(other.path("store", "holdfast.yaml"), "replicas: 2\nvolumes:\n  - { name: a, url: disks/a }\n  - { name: b, url: disks/b, domain: d }\n");
    await other.json(0, "push", "one", "acme/chat");
    const { volumes } = (await other.json(0, "volumes", "list")) as { volumes: { name: string; domain: string; objects: number }[] };
    assert.deepEqual(
      volumes.map(({ name, domain }) => [name, domain]),
      [
        ["a", "a"],
        ["b", "d"],
      ],
    );
    assert.ok(volumes[0]?.objects === volumes[1]?.objects && (volumes[0]?.objects ?? 0) > 0);
    await other.fails(7, "REPLICAS_TOO_FEW", "push", "one", "acme/more", "--replicas", "3");
    writeFileSync(other.path("store", "holdfast.yaml"), "volumes:\n  - { name: a, url: disks/a }\n");
    assert.match((await other.run("ls")).stderr, /^note: volume b is in the store and not in the settings/);
    assert.equal((await other.run("ls", "--quiet")).stderr, "");
  });
});

function flip(path: string): void {
  const file = openSync(path, "r+");
  closeSync(file);
  writeFileSync(path, Buffer.alloc(100_000, 0xff), { flag: "r+" });
}

suite("signals and streams", () => {
  test("an interrupted pull ends with 130 and goes on where it was", async () => {
    bench.model("large", 256);
    await bench.json(0, "push", "large", "acme/large", "--encode", "raw");
    const { exitCode, json, stdout } = await interrupted();
    assert.equal(exitCode, 130, stdout);
    assert.equal((json.error as { code: string }).code, "CANCELLED");
    const rest = await bench.json(0, "pull", "acme/large", "cut");
    assert.ok((rest.resumedBytes as number) > 0, "what the first had written is kept");
    assert.deepEqual((await bench.json(0, "pull", "acme/large", "cut")).resumedBytes, rest.bytes);
  });

  test("a reader that goes away ends the command quietly", async () => {
    const child = bench.start(["ls"]);
    child.stdout?.destroy();
    const { exitCode, stderr } = await endOf(child);
    assert.deepEqual([exitCode, stderr], [0, ""]);
  });

  test("--quiet says nothing but the result", async () => {
    const { stderr, stdout } = await bench.run("pull", "acme/chat", "quiet", "--quiet", "--json");
    assert.equal(stderr, "");
    assert.equal(stdout.trimEnd().split("\n").length, 1);
  });

  test("--verbose says where an error came from", async () => {
    assert.match((await bench.run("ls", "acme/nope", "--verbose")).stderr, /at .*inspect\.ts/);
  });
});

/** Pulls until one is hit by the signal after it has written something and before its end: a fast machine may be done first. */
async function interrupted(): Promise<Ended> {
  for (let attempt = 1; ; attempt++) {
    rmSync(bench.path("cut"), { recursive: true, force: true });
    const child = bench.start(["pull", "acme/large", "cut", "--json"]);
    const ended = endOf(child);
    while (child.exitCode === null && writtenBytes(bench.path("cut", ".holdfast", "partial")) < 1 << 20) await sleep(1);
    child.kill("SIGINT");
    const end = await ended;
    if (end.exitCode !== 0 || attempt === 10) return end;
  }
}

/** Without the holes. */
function writtenBytes(folder: string): number {
  try {
    return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).blocks * 512, 0);
  } catch {
    return 0;
  }
}
