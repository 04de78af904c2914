/** `holdfast warm`: a whole version into a tier of the cache, kept there. */
import { formatBytes, formatSeconds } from "../../../core/units.ts";
import { command } from "../command.ts";
import { given, text, toggle } from "../options.ts";
import { counted, lines, rate, short } from "../words.ts";

export const warm = command({
  name: "warm",
  summary: "put a whole version into a tier of the cache and keep it there",
  arguments: [{ name: "MODEL", help: "namespace/name, with @REF for a ref, version or REF~1" }],
  options: {
    tier: text("--tier <name>", "the tier, as `holdfast cache` names it (default: the farthest)"),
    unpin: toggle("--unpin", "let the version go again: it stays until other values need the room"),
  },
  needs: "existing",
  examples: ["holdfast warm acme/chat@prod --tier redis"],
  fields: ["version", "tier", "pinned", "chunks", "bytes", "fetchedBytes", "repaired", "seconds"],
  run: (store, [model = ""], options, { signal, watch }) => watch(store.cache.warm(model, { ...given(options), signal })),
  render({ version, tier, pinned, chunks, bytes, fetchedBytes, seconds }, screen) {
    if (!pinned) return `${screen.style("bold", short(version))} is no longer kept in ${tier}`;
    return lines(
      `${screen.style("bold", short(version))} is whole in ${screen.style("bold", tier)} and stays there`,
      `${counted(chunks, "chunk")}, ${formatBytes(bytes)}; read ${formatBytes(fetchedBytes)} from volumes`,
      screen.style("dim", `in ${formatSeconds(seconds)}${rate(bytes, seconds)}`),
    );
  },
});
