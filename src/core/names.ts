/** Names that people type and that reach other sinks (paths, SQL, keys): branded, with one parser each. */
import { fault } from "./errors.ts";
import { limits } from "./limits.ts";

declare const brand: unique symbol;
type Named<T extends string> = string & { readonly [brand]: T };
export type ModelName = Named<"model">;
export type RefName = Named<"ref">;
export type VersionId = Named<"version">;
export type FilePath = Named<"path">;
export type VolumeName = Named<"volume">;
export type DomainName = Named<"domain">;

export const defaultRef = "main" as RefName;
const word = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_-])?$/;
const versionHex = /^[0-9a-f]{40}$/;

function refuse(what: string, text: string, why: string): never {
  throw fault("NAME_INVALID", `${what} ${JSON.stringify(text.slice(0, 200))}: ${why}`);
}

/** `namespace/name`, ASCII letters, digits, `.`, `_`, `-`; the namespace is also the domain. */
export function parseModelName(text: string): ModelName {
  const parts = text.split("/");
  const full = parts.length === 1 ? ["default", text] : parts;
  if (full.length !== 2) refuse("model name", text, "write namespace/name");
  for (const part of full)
    if (!word.test(part) || part.includes("..") || part.includes("--"))
      refuse("model name", text, "use letters, digits, '.', '_', '-' with no '..' or '--', at most 96 in each half");
  return full.join("/") as ModelName;
}

export function domainOf(model: ModelName): DomainName {
  return model.slice(0, model.indexOf("/")) as DomainName;
}

/** The rules of git check-ref-format for one name, and nothing that reads as a version id. */
export function parseRefName(text: string): RefName {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  const bad = /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|^[-/.]|[/.]$|\.lock(?:\/|$)|\/\./;
  if (text === "" || text === "@" || Buffer.byteLength(text) > 200 || bad.test(text)) refuse("ref", text, "not a well-formed ref name");
  if (versionHex.test(text)) refuse("ref", text, "40 hex digits always mean a version id");
  return text as RefName;
}

export function isVersionId(text: string): text is VersionId {
  return versionHex.test(text);
}

export function parseVolumeName(text: string): VolumeName {
  if (!word.test(text)) refuse("volume name", text, "use letters, digits, '.', '_', '-'");
  return text as VolumeName;
}

export function parseDomainName(text: string): DomainName {
  if (!word.test(text)) refuse("domain", text, "use letters, digits, '.', '_', '-'");
  return text as DomainName;
}

const reservedWindows = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
const reservedFirst = new Set([".git", ".cache", ".huggingface", ".holdfast"]);
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
const unsafeCharacter = /[\x00-\x1f\x7f\\:]|[\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u;

/** A relative path with `/` between segments that no common file system or client can misread. */
export function parseFilePath(text: string): FilePath {
  const problem = pathProblem(text);
  if (problem) throw fault("PATH_INVALID", `path ${JSON.stringify(text.slice(0, 200))}: ${problem}`);
  return text as FilePath;
}

function pathProblem(text: string): string | undefined {
  if (text === "") return "is empty";
  if (Buffer.byteLength(text) > limits.pathBytesMax) return `is longer than ${limits.pathBytesMax} bytes`;
  if (unsafeCharacter.test(text)) return "has a control, bidirectional, '\\' or ':' character, or a lone surrogate";
  const segments = text.split("/");
  if (segments.length > limits.pathDepthMax) return `is deeper than ${limits.pathDepthMax} folders`;
  if (reservedFirst.has((segments[0] ?? "").toLowerCase())) return `begins with ${segments[0]}, which tools keep for themselves`;
  for (const segment of segments) {
    if (segment === "" || segment === "." || segment === "..") return "has an empty, '.' or '..' segment";
    if (Buffer.byteLength(segment) > limits.pathSegmentBytesMax) return `has a segment of over ${limits.pathSegmentBytesMax} bytes`;
    if (/[. ]$/.test(segment)) return "has a segment that ends in '.' or a space";
    if (reservedWindows.test(segment)) return `has the reserved segment ${segment}`;
  }
  return undefined;
}

/** What a path becomes on a file system that folds case and composes characters. */
function folded(path: string): string {
  return path.normalize("NFKC").toLowerCase().toUpperCase().normalize("NFKC");
}

/** Refuses two paths that would meet on some system, and a file that is also a folder. Linear in the number of paths. */
export function refuseCollisions(paths: Iterable<FilePath>): void {
  const seen = new Map<string, string>();
  const folders = new Map<string, string>();
  for (const path of paths) {
    const key = folded(path);
    const other = seen.get(key);
    if (other !== undefined) throw fault("PATH_COLLISION", `${JSON.stringify(path)} and ${JSON.stringify(other)} are one file on some systems`);
    seen.set(key, path);
    for (let at = key.indexOf("/"); at > 0; at = key.indexOf("/", at + 1)) folders.set(key.slice(0, at), path);
  }
  for (const [folder, path] of folders) {
    const file = seen.get(folder);
    if (file !== undefined) throw fault("PATH_COLLISION", `${JSON.stringify(file)} is a file, and a folder of ${JSON.stringify(path)}`);
  }
}
