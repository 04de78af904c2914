/** Whether the file of the catalog is whole, asked of SQLite itself. */
import type { Inspection } from "../catalog.ts";
import type { Runner } from "./engine.ts";
import type { Session } from "./session.ts";

const problemsMax = 100;

export const inspection = (runner: Runner): Inspection => ({
  tableProblems: () => runner.read(tableProblems),
});

/** All of it but what indexes say twice (sqlite.org/pragma.html, quick_check), and every foreign key. */
function tableProblems(session: Session): string[] {
  const pages = session.all<{ quick_check: string }>(`PRAGMA quick_check(${problemsMax})`).map((row) => row.quick_check);
  const links = session
    .all<{ table: string; parent: string }>("PRAGMA foreign_key_check")
    .map((row) => `a row of ${row.table} names one of ${row.parent} that is not there`);
  return [...pages.filter((line) => line !== "ok"), ...links].slice(0, problemsMax);
}
