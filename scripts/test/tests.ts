/** Runs test files, each in a process of its own, and prints one line for each file and the whole story of what failed. */
import { availableParallelism } from "node:os";
import { relative } from "node:path";
import { run } from "node:test";
import { inspect } from "node:util";

export interface Tally {
  readonly passed: number;
  /** The reason of every test, and every whole suite, that was skipped. */
  readonly skipped: readonly string[];
  readonly failures: readonly string[];
}

export const nothing: Tally = { passed: 0, skipped: [], failures: [] };

export function add(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, skipped: [...a.skipped, ...b.skipped], failures: [...a.failures, ...b.failures] };
}

export interface TestOptions {
  readonly root: string;
  /** Only tests whose name has this text. */
  readonly grep: string | undefined;
  /** One file after the other, for tests that break what other tests use. */
  readonly alone?: boolean;
}

/** A test that hangs must end in a failure that names it, well before whoever started the run gives up. */
const testTimeoutMs = 8 * 60_000;

interface Outcome {
  readonly name: string;
  readonly file?: string;
  readonly entryFile?: string;
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
  readonly details: { readonly duration_ms?: number; readonly type?: string | undefined; readonly error?: Error & { failureType?: string } };
}

interface FileStory {
  passed: number;
  skipped: string[];
  output: string;
  failures: Outcome[];
}

export async function runTests(step: string, files: readonly string[], { root, grep, alone = false }: TestOptions): Promise<Tally> {
  if (files.length === 0) return nothing;
  console.log(`\n# ${step}: ${files.length} files`);
  const stories = new Map<string, FileStory>();
  const storyOf = (path: string | undefined): FileStory => {
    const key = relative(root, path ?? "");
    const story = stories.get(key) ?? { passed: 0, skipped: [], output: "", failures: [] };
    stories.set(key, story);
    return story;
  };
  const stream = run({
    files: files.map((file) => `${root}/${file}`),
    cwd: root,
    concurrency: alone ? 1 : Math.max(2, availableParallelism()),
    execArgv: ["--conditions=holdfast-source", "--disable-warning=ExperimentalWarning"],
    timeout: testTimeoutMs,
    ...(grep === undefined ? {} : { testNamePatterns: [grep] }),
  });
  for await (const { type, data } of stream) {
    if (type === "test:stdout" || type === "test:stderr") storyOf(data.file).output += data.message;
    if (type === "test:pass" || type === "test:fail") {
      const outcome = data as Outcome;
      const story = storyOf(outcome.entryFile ?? outcome.file);
      record(story, outcome, type, grep);
      if (isWholeFile(outcome)) print(relative(root, outcome.file ?? ""), story, outcome.details.duration_ms);
    }
    if (type === "test:summary" && data.file !== undefined) print(relative(root, data.file), storyOf(data.file), data.duration_ms);
  }
  return [...stories].map(([file, story]) => tallyOf(file, story)).reduce(add, nothing);
}

/** The runner reports a file that has no test, or that ended before its first test, as one test named after the file. */
function isWholeFile(outcome: Outcome): boolean {
  return outcome.entryFile === undefined;
}

function record(story: FileStory, outcome: Outcome, type: "test:pass" | "test:fail", grep: string | undefined): void {
  if (outcome.details.type === "suite" && !(outcome.skip && type === "test:pass")) return;
  if (type === "test:fail") {
    if (outcome.details.error?.failureType === "subtestsFailed" || outcome.todo) return;
    story.failures.push(isWholeFile(outcome) ? { ...outcome, name: "the file ended before its tests did" } : outcome);
  } else if (isWholeFile(outcome)) {
    if (grep === undefined) story.failures.push({ ...outcome, name: "the file holds no test" });
  } else if (outcome.skip) story.skipped.push(String(outcome.skip));
  else story.passed++;
}

function print(file: string, story: FileStory, durationMs = 0): void {
  if (story.passed + story.skipped.length + story.failures.length === 0) return;
  const seconds = (durationMs / 1000).toFixed(1);
  const skipped = story.skipped.length > 0 ? `, ${story.skipped.length} skipped` : "";
  console.log(`${story.failures.length === 0 ? "ok  " : "FAIL"} ${file} (${story.passed} passed${skipped}, ${seconds} s)`);
  if (story.failures.length === 0) return;
  if (story.output.trim() !== "") console.log(indent(story.output.trimEnd()));
  for (const failure of story.failures) console.log(indent(`${failure.name}\n${indent(reason(failure))}`));
}

function reason({ details }: Outcome): string {
  const cause = details.error?.cause;
  if (typeof cause === "string" || cause === undefined) return cause ?? "failed";
  return cause instanceof Error && cause.name === "AssertionError" ? `${cause.stack}` : inspect(cause, { depth: 6 });
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}

function tallyOf(file: string, story: FileStory): Tally {
  return { passed: story.passed, skipped: story.skipped, failures: story.failures.map(({ name }) => `${file}: ${name}`) };
}
