/** Makes the engines that are up known to the tests of this run, and says which those are. */
import { type Offer, offers } from "../services/offered.ts";

/** Sets what suites look for in the environment, where nobody has set it. Returns a line for each engine. */
export function offerEngines(environment: NodeJS.ProcessEnv = process.env, all: readonly Offer[] = offers()): readonly string[] {
  const lines = all.map((offer) => lineOf(offer, environment[offer.variable]));
  // The address and the password that goes with it: one of somebody else's would be sent to our server.
  for (const { environment: offered, variable } of all) if (!environment[variable]) Object.assign(environment, offered);
  return lines;
}

function lineOf({ engine, variable, condition, version, ended }: Offer, given: string | undefined): string {
  if (given) return `${engine}: as ${variable} says`;
  if (condition === "up") return `${engine} ${version}`;
  if (condition === "down") return `${engine}: not up`;
  return `${engine} ${version}: not used, since it is not wholly up${ended.length > 0 ? ` (${ended.join(", ")} ended)` : ""}`;
}
