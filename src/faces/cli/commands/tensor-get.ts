/** `holdfast tensor get`: one tensor of a version, into a file or just what it is. */
import { formatBytes } from "../../../core/units.ts";
import { command } from "../command.ts";
import { text } from "../options.ts";
import { lines, short } from "../words.ts";

export const tensorGet = command({
  name: "tensor get",
  summary: "read one tensor of a version through the cache, into a file",
  arguments: [
    { name: "MODEL", help: "namespace/name, with @REF for a ref, version or REF~1" },
    { name: "NAME", help: "name of the tensor" },
  ],
  options: {
    out: text("--out <file>", "where to write: a NumPy file if it ends in .npy, otherwise the bytes as they are (default: only say what it is)"),
    file: text("--file <path>", "the file of the version, where several have a tensor of this name"),
  },
  needs: "existing",
  examples: ["holdfast tensor get acme/chat lm_head.weight --out head.npy"],
  fields: ["version", "tensor", "file", "dtype", "shape", "bytes", "out", "fetchedBytes", "cachedBytes"],
  async run(store, [model = "", name = ""], { out, file }, { signal, watch }) {
    const options = { signal, ...(file !== undefined && { file }) };
    if (out !== undefined) return await watch(store.saveTensor(model, name, out, options));
    return { ...(await store.describeTensor(model, name, options)), out: null, fetchedBytes: 0, cachedBytes: 0 };
  },
  render({ version, tensor, file, dtype, shape, bytes, out, fetchedBytes, cachedBytes }, screen) {
    const cached = cachedBytes > 0 ? `, ${formatBytes(cachedBytes)} from the cache` : "";
    return lines(
      `${screen.style("bold", tensor)} ${dtype} [${shape.join(", ")}], ${formatBytes(bytes)}, in ${file} of ${short(version)}`,
      out !== null && `it is in ${screen.style("bold", out)}; read ${formatBytes(fetchedBytes)} from volumes${cached}`,
    );
  },
});
