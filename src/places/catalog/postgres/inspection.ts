/** Whether the tables agree with each other. That their pages are whole is the server's to say, with checksums of its own. */
import type { Inspection } from "../catalog.ts";
import type { Runner } from "./engine.ts";
import type { Session } from "./session.ts";

const problemsMax = 100;

export const inspection = (runner: Runner): Inspection => ({
  tableProblems: () => runner.read((session) => session.long(() => tableProblems(session))),
});

/** Columns that name a row of another table, foreign keys or not: one that was restored badly may break what the server would never let pass. */
const links = [
  ["object", "domain", "domain", "id"],
  ["chunk", "domain", "domain", "id"],
  ["chunk", "object", "object", "id"],
  ["replica", "object", "object", "id"],
  ["replica", "volume", "volume", "id"],
  ["version", "manifest", "object", "id"],
  ["need", "version", "version", "number"],
  ["need", "object", "object", "id"],
  ["ref_log", "object", "object", "id"],
  ["pin", "intent", "intent", "id"],
  ["pin", "object", "object", "id"],
  ["version_pin", "intent", "intent", "id"],
  ["version_pin", "version", "version", "number"],
] as const;

const strays = links.map(
  ([table, column, parent, key]) => `
  SELECT 'a row of ${table} names one of ${parent} that is not there' AS problem FROM ${table} AS t
  WHERE t.${column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ${parent} AS p WHERE p.${key} = t.${column})`,
);

/** What is counted as it happens, counted again. */
const miscounted = `
  SELECT 'object ' || o.id || ' counts ' || o.chunks || ' chunks and has ' || coalesce(c.chunks, 0) FROM object AS o
  LEFT JOIN (SELECT object, count(*) AS chunks, sum(raw_bytes) AS raw_bytes FROM chunk GROUP BY object) AS c ON c.object = o.id
  WHERE o.chunks <> coalesce(c.chunks, 0) OR o.raw_bytes <> coalesce(c.raw_bytes, 0)`;

async function tableProblems(session: Session): Promise<string[]> {
  const sql = `SELECT DISTINCT problem FROM (${[...strays, miscounted].join(" UNION ALL ")}) AS found ORDER BY problem LIMIT ${problemsMax}`;
  return (await session.all<{ problem: string }>(sql)).map((row) => row.problem);
}
