/** The real PostgreSQL that tests use when one is there: each test has a schema of its own in it. */
import { Client } from "pg";
import { realWorld } from "../../src/core/world/index.ts";
import { openPostgresCatalog } from "../../src/places/catalog/postgres/driver.ts";
import { wantEngine } from "../services/wanted.ts";
import type { CatalogPlace } from "./bench.ts";

const wanted = wantEngine("HOLDFAST_TEST_POSTGRES");

/** Of a server where the user may make schemas. */
export const server = wanted.url;

/** For `test` and `describe`: why what needs a server is skipped. */
export const withoutServer = { skip: wanted.skip };

/** A URL with a schema that nobody else uses. */
export function newUrl(more = ""): string {
  return `${server}?schema=test_${realWorld.id().slice(0, 24)}${more}`;
}

export const schemaOf = (url: string): string => new URLSearchParams(url.split("?")[1]).get("schema") ?? "";

/** Asks the server itself, with the schema of the URL in front. */
export async function ask<Row = Record<string, unknown>>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url.split("?")[0] });
  await client.connect();
  try {
    if (url !== server) await client.query(`SET search_path = "${schemaOf(url)}"`);
    const results = (await client.query(sql)) as unknown as { rows: Row[] } | { rows: Row[] }[];
    return (Array.isArray(results) ? results.at(-1) : results)?.rows ?? [];
  } finally {
    await client.end();
  }
}

/** All schemas that a test may have left under its name. */
export async function dropAll(url: string): Promise<void> {
  const names = await ask<{ name: string }>(url, `SELECT nspname AS name FROM pg_namespace WHERE starts_with(nspname::text, '${schemaOf(url)}')`);
  for (const { name } of names) await ask(url, `DROP SCHEMA "${name}" CASCADE`);
}

/** A new place whose catalogs go by the clock of the world that they are opened with, which a case moves. */
export async function newPlace(): Promise<CatalogPlace> {
  const url = newUrl();
  return {
    url,
    schedules: 6,
    open: (world) => openPostgresCatalog(url, world, { create: true, clock: "world" }),
    [Symbol.asyncDispose]: () => dropAll(url),
  };
}
