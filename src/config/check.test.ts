import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type ErrorCode, HoldfastError } from "../core/errors.ts";
import { GiB } from "../core/units.ts";
import { checkConfig } from "./check.ts";
import { nearest } from "./nearest.ts";
import { defaultConfig, readConfig } from "./read.ts";

test("a file with everything in it", () => {
  const text =
    "catalog: sqlite:c.db\ncoordinate: redis://r1,r2:7000?prefix=x\nreplicas: 2\nmemory: 1GiB\nworkers: 3\nvolumes:\n  - { name: a, url: /mnt/a, domain: host1, weight: 2 }\n  - { name: b, url: disks/b }\n";
  assert.deepEqual(checkConfig(text, "f"), {
    catalog: "sqlite:c.db",
    coordinate: "redis://r1,r2:7000?prefix=x",
    replicas: 2,
    memory: GiB,
    workers: 3,
    volumes: [
      { name: "a", url: "/mnt/a", domain: "host1", weight: 2 },
      { name: "b", url: "disks/b", weight: 1 },
    ],
  });
});

test("no file and an empty file are the defaults of the schema", async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-config-"));
  try {
    assert.deepEqual(await readConfig(folder), defaultConfig);
    await writeFile(join(folder, "holdfast.yaml"), "# nothing yet\n");
    assert.deepEqual(await readConfig(folder), defaultConfig);
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** What is written, the line and the words of the complaint, the words of the advice, the code. */
const refused: readonly (readonly [string, RegExp, RegExp, ErrorCode?])[] = [
  ["coordinate: zookeeper://z1\n", /^f:1: coordinate: write embedded, redis:/, /configuration\.md/],
  ["replicsa: 2\n", /^f:1: there is no setting replicsa$/, /"replicas"/],
  ["replicas: 2\nvolumes:\n  - name: a\n    url: x\n    wieght: 2\n", /^f:5: there is no setting volumes\[0\]\.wieght$/, /"weight"/],
  ["server: []\n", /^f:1: there is no setting server$/, /catalog, replicas, volumes, cache, coordinate, memory, workers/],
  ["cache:\n  - memory: 1GiB\n    polcy: lru\n", /^f:3: there is no setting cache\[0\]\.polcy$/, /"policy"/],
  ["cache:\n  - { memory: 1GiB, policy: mru }\n", /^f:2: cache\[0\]\.policy: /, /configuration\.md/],
  ["cache:\n  - { memory: 1GiB, disk: c }\n", /^f:2: cache\[0\]: name one of memory, disk and redis$/, /configuration\.md/],
  ["cache:\n  - { policy: lru }\n", /^f:2: cache\[0\]: name one of memory, disk and redis$/, /configuration\.md/],
  ["cache:\n  - memory: 1GiB\n    copies: 2\n", /^f:3: cache\[0\]\.copies: a memory tier has no such setting$/, /configuration\.md/],
  ["cache:\n  - redis: [http://r1:6379]\n", /^f:2: cache\[0\]\.redis\[0\]: write redis:/, /configuration\.md/],
  ["\nreplicas: many\n", /^f:2: replicas: /, /configuration\.md/],
  ["replicas: 0\n", /^f:1: replicas: /, /configuration\.md/],
  ["memory: 3 apples\n", /^f:1: memory: not a size/, /configuration\.md/],
  ["volumes:\n  - { name: ../x, url: y }\n", /^f:2: volumes\[0\]\.name: volume name/, /configuration\.md/],
  ["volumes:\n  - { name: a }\n", /^f:2: volumes\[0\]\.url: /, /configuration\.md/],
  ["- a\n", /^f:1: expected object/, /configuration\.md/],
  ["a: 1\na: 2\n", /^f:2: Map keys must be unique/, /configuration\.md/],
  ["a: [1\n", /^f:\d: /, /configuration\.md/],
  ["replicas: 1\ncatalog: mysql://me:secret@db/x\n", /^f:2: a catalog at "mysql:\/\/…@db\/x" is unsupported$/, /sqlite:FILE or postgres/, "STORE_UNSUPPORTED"],
];

for (const [text, message, advice, code = "CONFIG_INVALID"] of refused)
  test(`refused: ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => checkConfig(text, "f"),
      (error) => {
        assert.ok(error instanceof HoldfastError);
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.match(error.advice ?? "", advice);
        return true;
      },
    );
  });

test("a file that unfolds without end is refused", () => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${"bcdefghij".replace(/./g, (name) => `${name}: &${name} [${`*${String.fromCharCode(name.charCodeAt(0) - 1)}, `.repeat(9)}]\n`)}`;
  assert.throws(() => checkConfig(bomb, "f"), { code: "CONFIG_INVALID" });
});

test("the nearest word is one slip away, not any word", () => {
  assert.equal(nearest("volume", ["volumes", "workers"]), "volumes");
  assert.equal(nearest("wokrers", ["volumes", "workers"]), "workers");
  assert.equal(nearest("MEMORY", ["memory"]), "memory");
  assert.equal(nearest("cache", ["volumes", "workers", "catalog"]), undefined);
});
