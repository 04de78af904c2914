/** `holdfast diff`: how two versions differ. */
import { formatBytes } from "../../../core/units.ts";
import type { DiffedFile } from "../../../index.ts";
import { command } from "../command.ts";
import type { Screen } from "../screen/screen.ts";
import { tableOf } from "../screen/table.ts";
import { counted, lines, percent } from "../words.ts";

const signs = { added: "+", removed: "-", changed: "~" } as const;

export const diff = command({
  name: "diff",
  summary: "compare two versions: files, and how much of the bytes they share",
  arguments: [
    { name: "A", help: "model with @REF, version or REF~1" },
    { name: "B", help: "the same, for the later one" },
  ],
  options: {},
  needs: "existing",
  examples: ["holdfast diff acme/chat@main~1 acme/chat"],
  fields: ["from", "to", "files", "unchanged", "bytes", "sharedBytes", "sharedShare"],
  run: (store, [a = "", b = ""], _options, { signal }) => store.diff(a, b, { signal }),
  render({ files, unchanged, bytes, sharedBytes, sharedShare }, screen) {
    return lines(
      filesOf(files, screen),
      `${counted(unchanged, "file")} unchanged; ${formatBytes(sharedBytes)} of ${formatBytes(bytes)} are the same chunks`,
      `${screen.bar(sharedShare, 24)}${percent(sharedShare)} shared`,
    );
  },
});

function filesOf(files: readonly DiffedFile[], screen: Screen): string {
  return tableOf(
    files,
    [
      { head: "", text: ({ change }) => signs[change], style: "bold" },
      { head: "file", text: ({ path }) => path, shrinks: true },
      { head: "before", text: ({ change, bytesBefore }) => (change === "added" ? "" : formatBytes(bytesBefore)), align: "right", dispensable: 1 },
      { head: "after", text: ({ change, bytesAfter }) => (change === "removed" ? "" : formatBytes(bytesAfter)), align: "right", dispensable: 1 },
    ],
    screen,
  );
}
