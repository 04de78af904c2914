/** Where tests are: files named `*.test.ts`, in any folder. */
import { existsSync, readdirSync } from "node:fs";
import { join, sep } from "node:path";

const passedOver = new Set(["node_modules", "build", "dist"]);

/** Paths relative to `root`, with `/`, in order; none when the folder is not there. */
export function testFilesUnder(root: string, folder: string): readonly string[] {
  const top = join(root, folder);
  if (!existsSync(top)) return [];
  const entries = readdirSync(top, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"));
  const paths = files.map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(root.length + 1)
      .split(sep),
  );
  return paths
    .filter((parts) => !parts.some((part) => passedOver.has(part)))
    .map((parts) => parts.join("/"))
    .sort();
}
