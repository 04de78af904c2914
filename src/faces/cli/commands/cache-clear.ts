/** `holdfast cache clear`: empties tiers. Nothing is lost by it but time. */
import { command } from "../command.ts";
import { given, text } from "../options.ts";

export const cacheClear = command({
  name: "cache clear",
  summary: "empty the tiers of the cache, or one of them, kept versions too",
  arguments: [],
  options: { tier: text("--tier <name>", "only this tier") },
  needs: "existing",
  examples: ["holdfast cache clear --tier redis"],
  fields: ["tiers"],
  run: (store, _given, options, { signal }) => store.cache.clear({ ...given(options), signal }),
  render: ({ tiers }) => (tiers.length === 0 ? "no cache" : `emptied ${tiers.join(", ")}`),
});
