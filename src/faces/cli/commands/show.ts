/** `holdfast show`: the files of a version, what they are, and how their chunks are stored. */
import { formatBytes } from "../../../core/units.ts";
import type { EncodingSummary, FileSummary, VersionDetail } from "../../../index.ts";
import { command } from "../command.ts";
import { toggle } from "../options.ts";
import { printable, type Screen } from "../screen/screen.ts";
import { tableOf } from "../screen/table.ts";
import { at, counted, lines, percent, short } from "../words.ts";

const filesShown = 200;

export const show = command({
  name: "show",
  summary: "show the files of a version, their formats and how they are stored",
  arguments: [{ name: "MODEL", help: "namespace/name, with @REF for a ref, version or REF~1" }],
  options: { tensors: toggle("--tensors", "also each tensor with its type and shape") },
  needs: "existing",
  examples: ["holdfast show acme/chat", "holdfast show acme/chat@v1 --tensors"],
  fields: ["model", "version", "parent", "message", "createdAt", "refs", "files", "bytes", "tensors", "chunks", "storedBytes", "encodings"],
  async run(store, [model = ""], { tensors = false }, { signal }) {
    const detail = await store.show(model, { signal });
    return {
      ...detail,
      parent: detail.parent ?? null,
      files: detail.files.map((file) => ({ ...file, tensors: tensors ? file.tensors : file.tensors.length })),
    };
  },
  render(detail, screen) {
    const { files, encodings } = detail;
    return lines(
      headline(detail, screen),
      detail.message !== "" &&
        detail.message
          .split("\n")
          .map((line) => `  ${printable(line)}`)
          .join("\n"),
      fileTable(files.slice(0, filesShown), screen),
      files.length > filesShown && screen.style("dim", `and ${counted(files.length - filesShown, "more file")} (--json has all)`),
      ...files.map(({ path, tensors }) => typeof tensors !== "number" && tensorTable(path, tensors, screen)),
      encodings.length > 0 && screen.style("dim", `${counted(detail.chunks, "chunk")} in ${formatBytes(detail.storedBytes)}, by encoding:`),
      encodingTable(encodings, screen),
    );
  },
});

type Shown = Omit<FileSummary, "tensors"> & { readonly tensors: number | FileSummary["tensors"] };

function headline(
  { model, version, refs, createdAt, files, bytes, tensors }: Omit<VersionDetail, "files" | "parent"> & { files: readonly unknown[] },
  screen: Screen,
): string {
  const named = refs.length > 0 ? ` (${refs.join(", ")})` : "";
  const what = [counted(files.length, "file"), formatBytes(bytes), ...(tensors > 0 ? [counted(tensors, "tensor")] : [])].join(", ");
  return lines(`${screen.style("bold", `${model} ${short(version)}`)}${named}`, screen.style("dim", `${what}, ${at(createdAt)}`));
}

function fileTable(files: readonly Shown[], screen: Screen): string {
  const largest = files.reduce((max, { bytes }) => Math.max(max, bytes), 1);
  return tableOf(
    files,
    [
      { head: "file", text: ({ path }) => path, shrinks: true },
      { head: "size", text: ({ bytes }) => formatBytes(bytes), align: "right" },
      { head: "", text: () => "", bar: ({ bytes }) => bytes / largest, dispensable: 3 },
      { head: "format", text: ({ format }) => format, style: "dim", dispensable: 1 },
      { head: "tensors", text: ({ tensors }) => countOf(tensors), align: "right", dispensable: 2 },
    ],
    screen,
  );
}

function countOf(tensors: Shown["tensors"]): string {
  const count = typeof tensors === "number" ? tensors : tensors.length;
  return count === 0 ? "" : String(count);
}

function tensorTable(path: string, tensors: FileSummary["tensors"], screen: Screen): string {
  if (tensors.length === 0) return "";
  const table = tableOf(
    tensors,
    [
      { head: "tensor", text: ({ name }) => name, shrinks: true },
      { head: "type", text: ({ dtype }) => dtype },
      { head: "shape", text: ({ shape }) => shape.join("×"), align: "right" },
      { head: "size", text: ({ bytes }) => formatBytes(bytes), align: "right", dispensable: 1 },
    ],
    screen,
  );
  return lines(screen.style("bold", printable(path)), table);
}

function encodingTable(encodings: readonly EncodingSummary[], screen: Screen): string {
  return tableOf(
    encodings,
    [
      { head: "encoding", text: ({ encoding }) => encoding },
      { head: "chunks", text: ({ chunks }) => String(chunks), align: "right", dispensable: 1 },
      { head: "raw", text: ({ rawBytes }) => formatBytes(rawBytes), align: "right" },
      { head: "stored", text: ({ storedBytes }) => formatBytes(storedBytes), align: "right" },
      { head: "of raw", text: ({ rawBytes, storedBytes }) => percent(rawBytes === 0 ? 1 : storedBytes / rawBytes), align: "right" },
      { head: "", text: () => "", bar: ({ rawBytes, storedBytes }) => (rawBytes === 0 ? 1 : storedBytes / rawBytes), dispensable: 2 },
    ],
    screen,
  );
}
