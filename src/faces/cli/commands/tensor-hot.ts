/** `holdfast tensor hot`: the tensors of a model that are read by name most often. */
import { command } from "../command.ts";
import { given, integer } from "../options.ts";
import { tableOf } from "../screen/table.ts";

export const tensorHot = command({
  name: "tensor hot",
  summary: "list the tensors of a model that were read by name most often",
  arguments: [{ name: "MODEL", help: "namespace/name" }],
  options: { limit: integer("-n, --limit <N>", "tensors at most (default: 20)", 1, 100_000) },
  needs: "existing",
  examples: ["holdfast tensor hot acme/chat"],
  fields: ["tensors"],
  async run(store, [model = ""], options, { signal }) {
    return { tensors: await store.hotTensors(model, { ...given(options), signal }) };
  },
  render({ tensors }, screen) {
    if (tensors.length === 0) return "no reads were counted; processes count together through `coordinate:` (docs/coordinate.md)";
    return tableOf(
      tensors,
      [
        { head: "tensor", text: ({ tensor }) => tensor, style: "bold", shrinks: true },
        { head: "reads", text: ({ reads }) => String(reads), align: "right" },
      ],
      screen,
    );
  },
});
