/** What every strategy must do, whatever its rule. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PieceFacts, ShardStrategy } from "./strategy.ts";

const piece: fc.Arbitrary<PieceFacts> = fc
  .record({
    path: fc.string({ minLength: 1 }),
    tensor: fc.option(fc.string(), { nil: undefined }),
    start: fc.nat(),
    total: fc.integer({ min: 1, max: 2 ** 46 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ share, ...rest }) => ({ ...rest, position: Math.min(rest.total - 1, Math.floor(share * rest.total)) }));

export function strategyConformance(make: () => ShardStrategy): void {
  const { name } = make();
  const groups = fc.integer({ min: 1, max: 10_000 });

  test(`${name}: a group is a whole number in [0, groups)`, () => {
    fc.assert(
      fc.property(piece, groups, (facts, groups) => {
        const group = make().groupOf(facts, groups);
        assert.ok(Number.isInteger(group) && group >= 0 && group < groups, String(group));
      }),
    );
  });

  test(`${name}: two makings agree, so a retried push sends the same pieces to the same groups`, () => {
    fc.assert(fc.property(piece, groups, (facts, groups) => assert.equal(make().groupOf(facts, groups), make().groupOf({ ...facts }, groups))));
  });

  test(`${name}: every group of ten gets something from a thousand pieces of a hundred tensors`, () => {
    const used = new Set(sampleVersion(1000).map((facts) => make().groupOf(facts, 10)));
    assert.equal(used.size, 10);
  });

  test(`${name}: sequential means that groups never fall in file order`, (t) => {
    if (!make().sequential) return t.skip("does not promise an order");
    const order = sampleVersion(1000).map((facts) => make().groupOf(facts, 37));
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
  });
}

/** The pieces of a version of one file, ten to a tensor, each of 1 MiB. */
export function sampleVersion(pieces: number): PieceFacts[] {
  const total = pieces * 2 ** 20;
  return Array.from({ length: pieces }, (_, at) => {
    const start = at * 2 ** 20;
    return { path: "model.safetensors", tensor: `model.layers.${Math.floor(at / 10)}.weight`, start, position: start, total };
  });
}
