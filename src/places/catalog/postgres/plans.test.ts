/** How PostgreSQL can find the rows of every statement that the roles use: big tables are searched by an index, never walked. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "pg";
import { Bench } from "../../../../test/catalog/bench.ts";
import { useEveryRole } from "../../../../test/catalog/every-role.ts";
import { ask, dropAll, newUrl, withoutServer } from "../../../../test/catalog/postgres.ts";
import { openPostgresCatalog } from "./driver.ts";

const big = ["chunk", "object", "replica", "version", "need", "outcome", "ref_log", "pin"];
/** These hold only the few rows that they are for. */
const partial = ["object_deleting", "object_condemned", "ref_log_unwritten"];
/** Statements that look at the whole store, by nature: the collector, the totals, and what leads from refs to all that they reach. */
const whole = /WITH RECURSIVE live|UPDATE object AS o SET state = 'condemned'|AS "rawBytes"/;

interface Node {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly Plans?: readonly Node[];
}

describe("plans of a catalog in PostgreSQL", withoutServer, () => {
  const url = newUrl();
  const statements = new Set<string>();
  const query = Client.prototype.query;

  before(async () => {
    Client.prototype.query = function (this: Client, ...given: unknown[]) {
      const [config] = given as [{ name?: string; text: string }];
      if (config.name !== undefined) statements.add(config.text);
      return Reflect.apply(query, this, given);
    } as typeof query;
    const place = { url, open: (world: Parameters<typeof openPostgresCatalog>[1]) => openPostgresCatalog(url, world, { create: true, clock: "world" }) };
    await using bench = await Bench.make(async () => ({ ...place, [Symbol.asyncDispose]: async () => undefined }));
    await useEveryRole(bench);
  });
  after(async () => {
    Client.prototype.query = query;
    await dropAll(url);
  });

  const explained = () => [...statements].filter((sql) => !/pg_namespace|to_regnamespace|set_config|pg_notify/.test(sql));

  /** The plan for any values, with whatever walks a table made so dear that it is taken only where nothing else can be done. */
  async function planOf(sql: string): Promise<Node> {
    const count = Math.max(0, ...[...sql.matchAll(/\$(\d+)/g)].map((found) => Number(found[1])));
    const values = count === 0 ? "" : `(${new Array(count).fill("NULL").join(", ")})`;
    const dear = ["seqscan", "hashjoin", "mergejoin"].map((name) => `SET enable_${name} = off`).join("; ");
    const [row] = await ask<{ "QUERY PLAN": readonly { Plan: Node }[] }>(
      url,
      `SET plan_cache_mode = force_generic_plan; ${dear}; PREPARE asked AS ${sql}; EXPLAIN (FORMAT JSON) EXECUTE asked${values}`,
    );
    return row?.["QUERY PLAN"][0]?.Plan as Node;
  }

  /** A walk that a limit ends is none. */
  function walksIn(node: Node, limited = false): string[] {
    const scan = node["Node Type"];
    const walks =
      big.includes(node["Relation Name"] ?? "") &&
      (scan === "Seq Scan" || (/^Index/.test(scan) && !limited && node["Index Cond"] === undefined && !partial.includes(node["Index Name"] ?? "")));
    return [...(walks ? [`${scan} on ${node["Relation Name"]}`] : []), ...(node.Plans ?? []).flatMap((plan) => walksIn(plan, scan === "Limit"))];
  }

  test("the statements of every role were seen", () => {
    for (const table of [...big, "volume", "ref", "version_pin", "intent"])
      assert.ok(
        explained().some((sql) => new RegExp(`\\b${table}\\b`).test(sql)),
        table,
      );
    assert.ok(statements.size > 60, `${statements.size} statements`);
  });

  test("chunks, objects, needs, pins, replicas, versions and the log are searched, never walked", async () => {
    for (const sql of explained()) if (!whole.test(sql)) assert.deepEqual(walksIn(await planOf(sql)), [], sql);
  });

  test("a walk is noticed", async () => {
    assert.deepEqual(walksIn(await planOf("SELECT count(*) FROM chunk WHERE crc32c = $1")), ["Seq Scan on chunk"]);
  });
});
