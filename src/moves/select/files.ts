/** The files of a version that are wanted by name. */
import { fault } from "../../core/errors.ts";
import { matchesGlob } from "../../core/glob.ts";
import type { FileEntry, Manifest } from "../../core/manifest.ts";

export interface FileFilter {
  /** Empty: all. A pattern that ends in `/` means all below that folder. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Throws FILE_MISSING when something was asked for and nothing fits. */
export function filesWanted(manifest: Manifest, { include, exclude }: FileFilter): FileEntry[] {
  const fits = (path: string, patterns: readonly string[]): boolean =>
    patterns.some((pattern) => matchesGlob(path, pattern.endsWith("/") ? `${pattern}*` : pattern));
  const wanted = manifest.files.filter((file) => (include.length === 0 || fits(file.path, include)) && !fits(file.path, exclude));
  if (wanted.length === 0 && include.length > 0)
    throw fault("FILE_MISSING", `no file of ${manifest.model} fits ${include.join(", ")}`, { advice: "See its files with `holdfast show`." });
  return wanted;
}
