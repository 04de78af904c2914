/** A show at its small size as a test. */
import { test } from "node:test";
import { shows } from "../acceptance/index.ts";
import { inPlace, type Show } from "../acceptance/place.ts";

/** For one that hangs: a busy machine takes several times as long as a quiet one. */
const timeout = 400_000;

export function testSmall(number: string, options: { readonly skip?: string | false; readonly timeout?: number } = {}): void {
  const { says, small, run } = shows.get(number) as Show;
  test(says, { timeout, ...options }, (t) =>
    inPlace(
      (line) => t.diagnostic(line),
      (place) => run(place, small),
    ),
  );
}
