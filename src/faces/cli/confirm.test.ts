import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { confirm } from "./confirm.ts";
import { UsageError } from "./usage.ts";

function dialogue(isTTY: boolean) {
  const stop = new AbortController();
  const stdin = Object.assign(new PassThrough(), { isTTY });
  return { stdin, stop, place: { stdin, stderr: new PassThrough(), signal: stop.signal } };
}

for (const [answer, yes] of [
  ["y\n", true],
  ["YES\n", true],
  ["n\n", false],
  ["\n", false],
  ["yellow\n", false],
] as const)
  test(`${JSON.stringify(answer)} is ${yes ? "a yes" : "no yes"}`, async () => {
    const { stdin, place } = dialogue(true);
    stdin.write(answer);
    assert.equal(await confirm("Sure?", "", place), yes);
  });

test("the end of the input is no yes", async () => {
  const { stdin, place } = dialogue(true);
  setImmediate(() => stdin.end());
  assert.equal(await confirm("Sure?", "", place), false);
});

test("an interrupt is one", async () => {
  const { stop, place } = dialogue(true);
  setImmediate(() => stop.abort());
  await assert.rejects(confirm("Sure?", "", place), { code: "CANCELLED" });
});

test("where nobody can answer, the line must say it", async () => {
  await assert.rejects(confirm("Sure?", "Give --yes.", dialogue(false).place), UsageError);
});
