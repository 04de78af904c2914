/** Glob patterns on tensor names: `*` is any run of characters, dots too, and `?` any one. */

/** At worst pattern × name steps, however many stars: only the last star is ever tried again. */
export function matches(pattern: string, name: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let resume = 0;
  while (next < name.length) {
    if (pattern[at] === "*") [star, resume, at] = [at, next, at + 1];
    else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === name[next])) [at, next] = [at + 1, next + 1];
    else if (star >= 0) [at, next, resume] = [star + 1, resume + 1, resume + 1];
    else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
