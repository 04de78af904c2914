/** `holdfast tensor set`: one tensor replaced, as a new version of its ref. */
import { formatBytes, formatSeconds } from "../../../core/units.ts";
import { command } from "../command.ts";
import { given, integer, text } from "../options.ts";
import { lines, short } from "../words.ts";

export const tensorSet = command({
  name: "tensor set",
  summary: "replace one tensor: a new version in which only its chunks are new",
  arguments: [
    { name: "MODEL", help: "namespace/name, with @REF for another ref than main" },
    { name: "NAME", help: "name of the tensor" },
    { name: "FILE", help: "a NumPy file if it ends in .npy, otherwise exactly the bytes of the tensor" },
  ],
  options: {
    file: text("--file <path>", "the file of the version, where several have a tensor of this name"),
    replicas: integer("--replicas <R>", "copies, each on a volume of its own (default: the store's setting, else 1)", 1, 16),
    message: text("-m, --message <text>", "what the version is (default: the name of the tensor)"),
  },
  needs: "existing",
  examples: ["holdfast tensor set acme/chat lm_head.weight head.npy -m 'head of run 7'"],
  fields: ["version", "previous", "tensor", "file", "dtype", "shape", "bytes", "newBytes", "storedBytes", "seconds"],
  run: (store, [model = "", name = "", source = ""], options, { signal, watch }) => watch(store.setTensor(model, name, source, { ...given(options), signal })),
  render({ version, previous, tensor, newBytes, storedBytes, seconds }, screen) {
    if (version === previous) return `${screen.style("bold", tensor)} is that already in ${short(version)}`;
    return lines(
      `${screen.style("bold", short(version))} has the new ${screen.style("bold", tensor)} ${screen.style("dim", `(was ${short(previous)})`)}`,
      `${formatBytes(newBytes)} in new chunks, stored as ${formatBytes(storedBytes)}`,
      screen.style("dim", `in ${formatSeconds(seconds)}`),
    );
  },
});
