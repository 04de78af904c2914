/** What every coordinator must do, wherever it keeps things. A driver's test is one call of `coordinatorConformance`. */
import { after, before, describe, test } from "node:test";
import { counterCases } from "./conformance-counters.ts";
import { eventCases } from "./conformance-events.ts";
import { lockCases } from "./conformance-locks.ts";
import type { Fixture } from "./conformance-tools.ts";

/** `make` gives names of its own to each suite: suites share servers. */
export function coordinatorConformance(name: string, make: () => Promise<Fixture>, skip: string | false = false): void {
  describe(`coordinator ${name}`, { skip }, () => {
    let fixture: Fixture;
    before(async () => {
      fixture = await make();
    });
    after(() => fixture.dispose());
    for (const [title, run] of Object.entries({ ...lockCases, ...counterCases, ...eventCases })) test(title, () => run(fixture));
  });
}
