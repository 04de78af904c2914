/** `holdfast volumes drain`: brings what a volume holds elsewhere. */
import { formatBytes } from "../../../core/units.ts";
import { command } from "../command.ts";
import { counted, lines } from "../words.ts";
import { problemLines } from "./problems.ts";

export const volumesDrain = command({
  name: "volumes drain",
  summary: "bring what a volume holds elsewhere; also for one that is lost",
  arguments: [{ name: "NAME", help: "name of the volume" }],
  options: {},
  needs: "existing",
  examples: ["holdfast volumes drain a"],
  fields: ["name", "checked", "copied", "bytes", "dropped", "left", "problems", "seconds"],
  async run(store, [name = ""], _options, { signal, watch }) {
    return { name, ...(await watch(store.volumes.drain(name, { signal }))) };
  },
  render({ name, checked, copied, bytes, left, problems }, screen) {
    const empty = left === 0;
    return lines(
      `${counted(checked, "object")} were on ${screen.style("bold", name)}; ${counted(copied, "copy", "copies")} made elsewhere, ${formatBytes(bytes)}`,
      empty
        ? `it is empty: \`holdfast volumes remove ${name}\` ends it`
        : screen.style("yellow", `${counted(left, "object is", "objects are")} still on it: add a volume that can take them, or run it again`),
      problemLines(problems, screen),
    );
  },
  verdict: ({ left }) => (left > 0 ? "unreachable" : "done"),
});
