import assert from "node:assert/strict";
import { type Cases, chunk, main, model, versionId } from "./bench.ts";

export const inspectionCases: Cases = {
  "a catalog that was used as it should be has no problems": async (bench) => {
    await bench.store(await bench.intent(), [chunk("x")]);
    await bench.addVersion(1);
    await bench.move(1);
    await bench.condemned();
    await bench.claimed();
    assert.deepEqual(await bench.catalog.tableProblems(), []);
    assert.equal(await bench.catalog.ref(model, main), versionId(1));
  },
};
