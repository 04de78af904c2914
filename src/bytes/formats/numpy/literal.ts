/**
 * The dictionary in the header of an `.npy` file. NumPy reads it as a Python literal; only three keys with four kinds of
 * value can be in it, so this reads exactly those (numpy.org, "NPY format").
 */
import { limits } from "../../../core/limits.ts";
import { quote } from "../file-order.ts";
import { invalid, unsupported } from "../refuse.ts";

export interface ArrayFacts {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/** One token, white space before it included. Each alternative begins differently, so there is nothing to go back over. */
const tokenRule = /[ \t\r\n]*('[^'\\\n]*'|"[^"\\\n]*"|True|False|\d{1,16}L?|[{}(),:])/y;
const endRule = /[ \t\r\n]*$/y;

export function parseArrayFacts(text: string): ArrayFacts {
  const tokens = new Tokens(text);
  const values = new Map<string, unknown>();
  tokens.expect("{");
  while (!tokens.take("}")) {
    const key = tokens.text();
    tokens.expect(":");
    if (values.has(key)) throw invalid(`the array header has ${quote(key)} twice`);
    values.set(key, readValue(key, tokens));
    if (!tokens.take(",") && tokens.peek() !== "}") throw invalid("the array header has no comma between two keys");
  }
  tokens.end();
  return factsOf(values);
}

function readValue(key: string, tokens: Tokens): unknown {
  if (key === "shape") return readShape(tokens);
  if (key === "fortran_order") return tokens.truth();
  if (key === "descr") return tokens.text();
  throw invalid(`the array header has the unknown key ${quote(key)}`);
}

function readShape(tokens: Tokens): number[] {
  const shape: number[] = [];
  tokens.expect("(");
  while (!tokens.take(")")) {
    if (shape.length === limits.tensorRankMax) throw invalid(`an array of more than ${limits.tensorRankMax} dimensions`);
    shape.push(tokens.integer());
    if (!tokens.take(",") && tokens.peek() !== ")") throw invalid("the shape has no comma between two numbers");
  }
  return shape;
}

function factsOf(values: ReadonlyMap<string, unknown>): ArrayFacts {
  const [descr, fortranOrder, shape] = [values.get("descr"), values.get("fortran_order"), values.get("shape")];
  if (typeof descr !== "string" || typeof fortranOrder !== "boolean" || !Array.isArray(shape))
    throw invalid("the array header needs descr, fortran_order and shape");
  return { descr, fortranOrder, shape: shape as number[] };
}

class Tokens {
  readonly #text: string;
  #at = 0;
  #next: string | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#advance();
  }

  peek(): string | undefined {
    return this.#next;
  }

  take(token: string): boolean {
    if (this.#next !== token) return false;
    this.#advance();
    return true;
  }

  expect(token: string): void {
    if (!this.take(token)) throw this.#misplaced(`"${token}"`);
  }

  text(): string {
    const token = this.#next ?? "";
    if (!/^['"]/.test(token)) throw this.#misplaced("a string");
    this.#advance();
    return token.slice(1, -1);
  }

  truth(): boolean {
    if (this.take("True")) return true;
    if (this.take("False")) return false;
    throw this.#misplaced("True or False");
  }

  /** Python 2 wrote an L behind its long integers. */
  integer(): number {
    const token = this.#next ?? "";
    const value = /^\d/.test(token) ? Number.parseInt(token, 10) : Number.NaN;
    if (!Number.isSafeInteger(value)) throw this.#misplaced("a number");
    this.#advance();
    return value;
  }

  end(): void {
    endRule.lastIndex = this.#at;
    if (this.#next !== undefined || !endRule.test(this.#text)) throw this.#misplaced("the end");
  }

  #advance(): void {
    tokenRule.lastIndex = this.#at;
    this.#next = tokenRule.exec(this.#text)?.[1];
    if (this.#next !== undefined) this.#at = tokenRule.lastIndex;
  }

  /** A list can only be the dtype of records. */
  #misplaced(wanted: string): Error {
    const found = this.#next ?? this.#text.slice(this.#at).trimStart().slice(0, 20);
    if (found.startsWith("[")) return unsupported("an array of records, whose fields are not read");
    return invalid(`the array header has ${quote(found)} where ${wanted} should be`);
  }
}
