/** How a suite asks for the engine that it needs. */
import { type EngineVariable, variables } from "../../scripts/services/variables.ts";

export interface Wanted {
  /** Empty when the suite is skipped. */
  readonly url: string;
  /** The value of `skip` for the suite. */
  readonly skip: string | false;
}

/** Where HOLDFAST_TEST_REQUIRE=1 is set, as in CI, a missing engine is a failure: a suite that never ran is not green. */
export function wantEngine(variable: EngineVariable, environment: NodeJS.ProcessEnv = process.env): Wanted {
  const url = environment[variable];
  if (url !== undefined && url !== "") return { url, skip: false };
  const [engine] = Object.entries(variables).find(([, one]) => one === variable) ?? [];
  const reason = `${engine} is not up: npm run services -- up ${engine}`;
  if (environment.HOLDFAST_TEST_REQUIRE === "1") throw new Error(`${reason} (${variable} is not set, and HOLDFAST_TEST_REQUIRE is 1)`);
  return { url: "", skip: reason };
}
