/** Name patterns as `fnmatch` and the Hugging Face tools have them: `*` is any run of characters, also across `/`, and `?` any one. */

/** Time is at most text × pattern; nothing backtracks further than the last `*`. */
export function matchesGlob(text: string, pattern: string): boolean {
  let [at, next, star, resume] = [0, 0, -1, 0];
  while (at < text.length) {
    if (pattern[next] === "*") {
      star = next++;
      resume = at;
    } else if (next < pattern.length && (pattern[next] === "?" || pattern[next] === text[at])) {
      at++;
      next++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++resume;
    } else return false;
  }
  while (pattern[next] === "*") next++;
  return next === pattern.length;
}
