/** `holdfast log`: the versions of a ref, newest first. */
import { formatBytes } from "../../../core/units.ts";
import { command } from "../command.ts";
import { given, integer } from "../options.ts";
import { tableOf } from "../screen/table.ts";
import { at, short } from "../words.ts";

export const log = command({
  name: "log",
  summary: "list the versions of a ref, newest first",
  arguments: [{ name: "MODEL", help: "namespace/name, with @REF for another ref than main" }],
  options: { limit: integer("-n, --limit <N>", "versions at most (default: 100)", 1, 1_000_000) },
  needs: "existing",
  examples: ["holdfast log acme/chat"],
  fields: ["versions"],
  async run(store, [model = ""], options) {
    const versions = await store.log(model, given(options));
    return { versions: versions.map((version) => ({ ...version, parent: version.parent ?? null })) };
  },
  render({ versions }, screen) {
    return tableOf(
      versions,
      [
        { head: "version", text: ({ version }) => short(version), style: "bold" },
        { head: "made", text: ({ createdAt }) => at(createdAt), style: "dim", dispensable: 1 },
        { head: "size", text: ({ bytes }) => formatBytes(bytes), align: "right", dispensable: 2 },
        { head: "refs", text: ({ refs }) => refs.join(" "), shrinks: true },
        { head: "message", text: ({ message }) => message.split("\n")[0] ?? "", shrinks: true },
      ],
      screen,
    );
  },
});
