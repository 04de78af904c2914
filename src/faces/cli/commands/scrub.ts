/** `holdfast scrub`: reads and verifies every byte of every replica. */
import { formatBytes, formatSeconds } from "../../../core/units.ts";
import { command } from "../command.ts";
import { given, toggle } from "../options.ts";
import { counted, lines, rate } from "../words.ts";
import { problemLines } from "./problems.ts";

export const scrub = command({
  name: "scrub",
  summary: "read and verify every byte on every volume",
  arguments: [],
  options: { repair: toggle("--repair", "mend what is damaged or missing from a good replica") },
  needs: "existing",
  examples: ["holdfast scrub", "holdfast scrub --repair"],
  fields: ["checked", "damaged", "missing", "repaired", "unreachable", "stray", "bytes", "problems", "seconds"],
  run: (store, _given, options, { signal, watch }) => watch(store.scrub({ ...given(options), signal })),
  render({ checked, damaged, missing, repaired, unreachable, stray, bytes, problems, seconds }, screen) {
    const bad = damaged + missing;
    return lines(
      `${counted(checked, "replica")} read, ${formatBytes(bytes)} ${screen.style("dim", `in ${formatSeconds(seconds)}${rate(bytes, seconds)}`)}`,
      bad === 0 ? screen.style("green", "all are whole") : screen.style("yellow", `${damaged} damaged, ${missing} missing, ${repaired} repaired`),
      unreachable > 0 && screen.style("yellow", `${counted(unreachable, "replica")} could not be read`),
      stray > 0 && screen.style("dim", `${counted(stray, "object lies", "objects lie")} where the catalog does not know them; they do no harm`),
      problemLines(problems, screen),
      bad > repaired && "Run `holdfast scrub --repair`.",
    );
  },
  verdict: ({ damaged, missing, repaired, unreachable }) => (damaged + missing > repaired ? "corrupt" : unreachable > 0 ? "unreachable" : "done"),
});
