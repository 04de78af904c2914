/** `holdfast repair`: brings every object back to its replicas. */
import { formatBytes } from "../../../core/units.ts";
import { command } from "../command.ts";
import { counted, lines } from "../words.ts";
import { problemLines } from "./problems.ts";

export const repair = command({
  name: "repair",
  summary: "write the replicas that are known to be missing or damaged",
  arguments: [],
  options: {},
  needs: "existing",
  examples: ["holdfast repair"],
  fields: ["checked", "repaired", "bytes", "failed", "problems", "seconds"],
  run: (store, _given, _options, { signal, watch }) => watch(store.repair({ signal })),
  render({ checked, repaired, bytes, failed, problems }, screen) {
    if (checked === 0) return screen.style("green", "nothing needs repair");
    return lines(
      `${counted(checked, "object")} needed repair; ${counted(repaired, "replica")} written, ${formatBytes(bytes)}`,
      failed > 0 && screen.style("yellow", `${counted(failed, "object does", "objects do")} not have all replicas yet`),
      problemLines(problems, screen),
    );
  },
  verdict: ({ failed }) => (failed > 0 ? "unreachable" : "done"),
});
