/** `holdfast push`: a folder or file becomes the next version of a ref. */
import { formatBytes, formatSeconds } from "../../../core/units.ts";
import { command } from "../command.ts";
import { choice, duration, given, integer, list, replicas, replicasMin, text, toggle } from "../options.ts";
import { printable } from "../screen/screen.ts";
import { counted, lines, percent, rate, short } from "../words.ts";

const warningsShown = 10;

export const push = command({
  name: "push",
  summary: "store a folder or file as a new version of a model",
  arguments: [
    { name: "PATH", help: "folder or file" },
    { name: "MODEL", help: "namespace/name, with @REF for another ref than main" },
  ],
  options: {
    replicas,
    replicasMin,
    waitCopies: duration("--wait-copies <time>", "wait this long for the copies that volumes such as HDFS make by themselves"),
    strategy: choice("--strategy <name>", "how chunks are spread over shards", ["hash", "range", "random", "tensor"]),
    groups: integer("--groups <N>", "groups of the strategy (default: as many as fill a shard each)", 1, 1_000_000),
    seed: text("--seed <text>", "what the strategy random draws from"),
    parent: text("--parent <ref>", "ref or version to store deltas against (default: what the ref is now)"),
    expect: text("--expect <version>", "fail unless the ref is at this version"),
    encode: choice("--encode <how>", "smaller, or as it is", ["auto", "raw"]),
    strict: toggle("--strict", "refuse files that do not parse as what their names claim"),
    followLinks: toggle("--follow-links", "take the files that symbolic links lead to"),
    message: list("-m, --message <text>", "what the version is; given again, another line"),
  },
  needs: "made",
  examples: ["holdfast push ./my-model acme/chat", 'holdfast push ./my-model acme/chat@v2 --replicas 2 -m "longer context"'],
  fields: ["version", "files", "bytes", "newBytes", "storedBytes", "seconds", "warnings"],
  async run(store, [path = "", model = ""], { message, waitCopies, ...options }, { signal, watch }) {
    const pushed = await watch(store.push(path, model, { ...given({ ...options, waitCopiesMs: waitCopies }), message: message.join("\n"), signal }));
    return { model, ...pushed };
  },
  render({ model, version, files, bytes, newBytes, storedBytes, seconds, warnings }, screen) {
    const gain =
      newBytes > 0 ? `stored ${formatBytes(storedBytes)} for ${formatBytes(newBytes)} new (${percent(storedBytes / newBytes)})` : "nothing new to store";
    return lines(
      ...warnings.slice(0, warningsShown).map((warning) => screen.style("yellow", `note: ${printable(warning)}`)),
      warnings.length > warningsShown &&
        screen.style("yellow", `note: and ${counted(warnings.length - warningsShown, "more note", "more notes")} (--json has all)`),
      `${screen.style("bold", model)} is at ${screen.style("bold", short(version))}`,
      `${counted(files, "file")}, ${formatBytes(bytes)}; ${gain}`,
      screen.style("dim", `${formatSeconds(seconds)}${rate(bytes, seconds)}`),
    );
  },
});
