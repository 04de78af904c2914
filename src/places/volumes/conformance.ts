/**
 * What every volume must do, whoever keeps the bytes and whatever is wrapped around it. A driver's test is one call of
 * `volumeConformance`; a case that it cannot meet is skipped with a written reason.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { getCases } from "./conformance-get.ts";
import { listCases } from "./conformance-list.ts";
import { namesCases } from "./conformance-names.ts";
import { putCases } from "./conformance-put.ts";
import type { Volume } from "./volume.ts";

interface Fixture {
  readonly volume: Volume;
  dispose(): Promise<void>;
}

/** Makes an empty volume of this store; `dispose` takes it and its bytes away. */
export type MakeFixture = () => Promise<Fixture>;

/** Name of a case → why this volume cannot meet it. */
export type Skips = Readonly<Record<string, string>>;

const sharedCases = { ...putCases, ...getCases, ...namesCases };

/** Runs all cases on one volume; no two of them use the same keys. */
export function volumeConformance(name: string, make: MakeFixture, skips: Skips = {}): void {
  describe(`volume ${name}`, () => {
    let fixture: Fixture;
    before(async () => {
      fixture = await make();
    });
    after(async () => {
      await fixture.dispose();
    });
    for (const [title, run] of Object.entries(sharedCases)) test(title, { skip: skips[title] ?? false }, () => run(fixture.volume));
    test("all cases that are skipped exist", () => {
      for (const title of Object.keys(skips)) assert.ok(title in sharedCases || title in listCases, title);
    });
  });
  describe(`volume ${name}, fresh for each case`, () => {
    for (const [title, run] of Object.entries(listCases))
      test(title, { skip: skips[title] ?? false }, async () => {
        const { volume, dispose } = await make();
        try {
          await run(volume);
        } finally {
          await dispose();
        }
      });
  });
}
