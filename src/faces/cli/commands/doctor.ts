/** `holdfast doctor`: looks at everything that can be wrong, without reading weights. */
import { command } from "../command.ts";
import { given, toggle } from "../options.ts";
import { printable } from "../screen/screen.ts";
import { lines } from "../words.ts";

const marks = { ok: ["green", "ok     "], note: ["dim", "note   "], problem: ["red", "problem"] } as const;

export const doctor = command({
  name: "doctor",
  summary: "check the catalog, the volumes and every version, without reading weights",
  arguments: [],
  options: { repair: toggle("--repair", "write damaged identities of volumes anew") },
  needs: "existing",
  examples: ["holdfast doctor"],
  fields: ["clean", "checked", "damaged", "findings", "seconds"],
  async run(store, _given, options, { signal, watch }) {
    const report = await watch(store.doctor({ ...given(options), signal }));
    const damaged = report.findings.filter(({ severity }) => severity === "problem").length;
    return { ...report, checked: report.findings.length, damaged };
  },
  render({ clean, findings }, screen) {
    return lines(
      ...findings.flatMap(({ severity, what, advice }) => {
        const [style, word] = marks[severity];
        return [`${screen.style(style, word)} ${printable(what)}`, ...(advice && severity === "problem" ? [`        ${advice}`] : [])];
      }),
      clean ? screen.style("green", "the store is well") : screen.style("red", "the store needs you"),
    );
  },
  verdict: ({ clean }) => (clean ? "done" : "corrupt"),
});
