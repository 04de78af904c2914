/** What layers.mjs promises and an import cannot show: doors with a sign, drivers that run the suite of their seam, names that say something. */
import { doorsOf, floors, notDrivers } from "../../layers.mjs";
import type { Finding } from "./source.ts";

/** A view of the tree: paths, and what is in them. The tests of the rules bring one of their own. */
export interface Tree {
  readonly paths: readonly string[];
  readonly text: (path: string) => string;
}

const signCharactersMin = 60;

/** Each door of a module that is there exists, and its first lines say what is behind it. */
export function findDoorsWithoutSign(tree: Tree): readonly Finding[] {
  const modules = floors.flatMap(({ modules }) => Object.entries(modules)).filter(([name]) => tree.paths.some((path) => path.startsWith(`src/${name}/`)));
  const doors = modules.flatMap(([name, module]) => (doorsOf(module).includes("*") ? [] : doorsOf(module).map((file) => `src/${name}/${file}`)));
  return doors.flatMap((door) => {
    if (!tree.paths.includes(door)) return [{ path: door, line: 1, says: "layers.mjs names this door, and it is not there" }];
    const sign = /^\/\*\*([\s\S]*?)\*\//.exec(tree.text(door))?.[1] ?? "";
    if (sign.length >= signCharactersMin) return [];
    return [{ path: door, line: 1, says: "begin with a comment that says what the module is for, and what it leaves to others" }];
  });
}

/** Each driver folder of a seam has a test that imports the seam's conformance suite. */
export function findDriversWithoutSuite(tree: Tree): readonly Finding[] {
  return floors
    .flatMap(({ modules }) => Object.entries(modules))
    .filter(([, { drivers }]) => drivers === true)
    .flatMap(([name]) => driversIn(tree, `src/${name}`));
}

function driversIn(tree: Tree, seam: string): readonly Finding[] {
  const inside = tree.paths.filter((path) => path.startsWith(`${seam}/`)).map((path) => path.slice(seam.length + 1).split("/"));
  const folders = new Set(inside.flatMap(([first, ...rest]) => (first !== undefined && rest.length > 0 ? [first] : [])));
  const drivers = [...folders].filter((folder) => !notDrivers.includes(folder));
  return drivers
    .filter((driver) => !runsSuite(tree, `${seam}/${driver}/`))
    .map((driver) => ({
      path: `${seam}/${driver}/`,
      line: 1,
      says: "a driver without a test that runs the conformance suite of its seam: import it from ../conformance.ts and call it",
    }));
}

function runsSuite(tree: Tree, folder: string): boolean {
  return tree.paths.some((path) => path.startsWith(folder) && path.endsWith(".test.ts") && /from "\.\.\/(?:\.\.\/)?conformance\.ts"/.test(tree.text(path)));
}

const emptyNames = /(?:^|\/|-)(?:utils?|helpers?|common|misc)(?:$|\/|\.|-)/i;

/** A file is named after its one idea. */
export function findEmptyNames(paths: readonly string[]): readonly Finding[] {
  return paths.filter((path) => emptyNames.test(path)).map((path) => ({ path, line: 1, says: "the name says nothing: name the file after its idea" }));
}
