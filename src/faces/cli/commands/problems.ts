/** What a command found and could not mend, in the words of the library. */
import { printable, type Screen } from "../screen/screen.ts";
import { lines } from "../words.ts";

const problemsShown = 10;

export function problemLines(problems: readonly string[], screen: Screen): string {
  return lines(...problems.slice(0, problemsShown).map((problem) => screen.style("red", `- ${printable(problem)}`)));
}
