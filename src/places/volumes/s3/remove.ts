/** Removing objects: many in one request, or one by one where the server does not know how to. */
import { createHash } from "node:crypto";
import { crc32c } from "../../../bytes/digests/index.ts";
import { fault } from "../../../core/errors.ts";
import { MiB } from "../../../core/units.ts";
import { errorOf, failureOf, faultOf, saysMissing } from "./answer.ts";
import type { S3Api } from "./api.ts";
import { checksumHeader, checksumText } from "./checksum.ts";
import { inParallel } from "./parallel.ts";
import { childrenOf, escapeXml, parseXml, textIn } from "./xml.ts";

const keysMax = 1000;
const atOnce = 8;
/** Room for an error about each of them. */
const resultBytesMax = MiB;
/** "I cannot do this", in the words of several servers. */
const unknownRequest = new Set(["NotImplemented", "MethodNotAllowed", "InvalidRequest", "UnsupportedOperation"]);

export class Remover {
  readonly #api: S3Api;
  /** Whether it takes many at once; taken for granted until it says otherwise. */
  #many = true;

  constructor(api: S3Api) {
    this.#api = api;
  }

  /** Missing objects are no error. Throws for the first object that could not be removed. */
  async remove(keys: readonly string[], what: string, signal: AbortSignal): Promise<void> {
    for (let start = 0; start < keys.length; start += keysMax) {
      const some = keys.slice(start, start + keysMax);
      if (some.length > 1 && this.#many) this.#many = await this.#removeMany(some, what, signal);
      if (some.length === 1 || !this.#many) await inParallel(some, atOnce, signal, (key, joined) => this.#removeOne(key, what, joined));
    }
  }

  /** Returns whether the server knows the request. */
  async #removeMany(keys: readonly string[], what: string, signal: AbortSignal): Promise<boolean> {
    const entries = keys.map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`).join("");
    const document = Buffer.from(`<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${entries}</Delete>`);
    const headers = {
      "content-type": "application/xml",
      "content-md5": createHash("md5").update(document).digest("base64"),
      [checksumHeader]: checksumText(crc32c(document)),
    };
    const result = Buffer.allocUnsafe(resultBytesMax);
    const answer = await this.#api.send({ method: "POST", query: { delete: "" }, headers, body: { document }, into: [result] }, signal);
    if (answer.status === 501 || answer.status === 405 || unknownRequest.has(errorOf(answer)?.code ?? "")) return false;
    if (answer.status !== 200) throw failureOf(answer, what);
    const root = parseXml(result.toString("utf8", 0, answer.bodyBytes));
    if (root.name !== "DeleteResult") throw fault("VOLUME_UNREACHABLE", `${what}: the answer is no result`);
    for (const element of childrenOf(root, "Error")) {
      const error = { code: textIn(element, "Code") ?? "", message: `${textIn(element, "Message") ?? ""} (${textIn(element, "Key") ?? ""})` };
      if (error.code !== "NoSuchKey") throw faultOf(error, answer.status, what);
    }
    return true;
  }

  async #removeOne(key: string, what: string, signal: AbortSignal): Promise<void> {
    const answer = await this.#api.send({ method: "DELETE", key }, signal);
    if (answer.status === 200 || answer.status === 204 || saysMissing(answer)) return;
    throw failureOf(answer, what);
  }
}
