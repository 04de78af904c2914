/** What the engines that are up offer to a test run. */
import { folderOf } from "./places.ts";
import { type Condition, healthOf, readState } from "./state.ts";
import { type EngineName, variables } from "./variables.ts";

export interface Offer {
  readonly engine: EngineName;
  readonly variable: string;
  readonly condition: Condition;
  /** Empty unless it was ever started here. */
  readonly version: string;
  readonly ended: readonly string[];
  /** What a client finds in its environment: the address, and what else it needs. Empty unless all of the engine is up. */
  readonly environment: Readonly<Record<string, string>>;
}

export function offers(): readonly Offer[] {
  return Object.entries(variables).map(([name, variable]) => offerOf(name as EngineName, variable));
}

function offerOf(engine: EngineName, variable: string): Offer {
  const state = readState(folderOf(engine));
  const { condition, ended } = healthOf(state);
  const environment = state !== undefined && condition === "up" ? { [variable]: state.address, ...state.environment } : {};
  return { engine, variable, condition, version: state?.version ?? "", ended, environment };
}
