/** The machine that reads answers, fed with good and bad ones, cut anywhere. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isFault } from "../../core/errors.ts";
import type { BulkResponse } from "./message.ts";
import { ResponseReader, scratchBytes } from "./response-reader.ts";
import { sample } from "./test-tools.ts";

interface Told {
  readonly reader: ResponseReader;
  readonly answer: BulkResponse | undefined;
  readonly into: Buffer;
}

/** Feeds bytes in pieces of these sizes, again and again, as a socket would: never more than there is room for. */
function tell(bytes: Uint8Array, sizes: readonly number[], intoBytes?: number, method = "GET"): Told {
  const around = Buffer.alloc((intoBytes ?? 0) + 20, 0xee);
  const into = around.subarray(10, 10 + (intoBytes ?? 0));
  const views = [into.subarray(0, 3), into.subarray(3, 3), into.subarray(3)];
  const reader = new ResponseReader({ method, ...(intoBytes !== undefined && { into: views }) }, Buffer.alloc(scratchBytes));
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const room = reader.room();
    assert.ok(room.byteLength > 0, "a socket must always be given room");
    const part = bytes.subarray(at, at + Math.min(room.byteLength, sizes[turn % sizes.length] as number));
    room.set(part);
    reader.received(part.length);
    at += part.length;
  }
  assert.ok(
    around.subarray(0, 10).equals(Buffer.alloc(10, 0xee)) && around.subarray(10 + into.length).equals(Buffer.alloc(10, 0xee)),
    "wrote beside the views",
  );
  return { reader, answer: reader.answer, into };
}

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 70_000 })), { minLength: 1, maxLength: 20 });
const plain = (body: Buffer, status = 200): Buffer<ArrayBuffer> =>
  Buffer.concat([Buffer.from(`HTTP/1.1 ${status} OK\r\ncontent-length: ${body.length}\r\n\r\n`), body]);

function chunked(body: Buffer, cuts: readonly number[]): Buffer<ArrayBuffer> {
  const parts: Buffer[] = [Buffer.from("HTTP/1.1 206 Partial\r\nTransfer-Encoding: chunked\r\n\r\n")];
  for (let at = 0, turn = 0; at < body.length; turn++) {
    const part = body.subarray(at, at + (cuts[turn % cuts.length] as number));
    parts.push(Buffer.from(`${part.length.toString(16)}${turn % 2 ? "; name=value" : ""}\r\n`), part, Buffer.from("\r\n"));
    at += part.length;
  }
  return Buffer.concat([...parts, Buffer.from("0\r\ntrailer: x\r\n\r\n")]);
}

test("a body by its length arrives at its place, however it is cut", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), sizes, (bytes, cuts) => {
      const { answer, into, reader } = tell(plain(sample(bytes)), cuts, bytes);
      assert.ok(answer && answer.status === 200 && answer.bodyBytes === bytes && answer.text === "");
      assert.ok(into.equals(sample(bytes)) && reader.reusable);
    }),
  );
});

test("a body in chunks arrives at its place, however it is cut", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), sizes, sizes, (bytes, chunks, cuts) => {
      const { answer, into, reader } = tell(chunked(sample(bytes), chunks), cuts, bytes);
      assert.ok(answer && answer.status === 206 && answer.bodyBytes === bytes);
      assert.ok(into.equals(sample(bytes)) && reader.reusable);
    }),
  );
});

test("a body may be shorter than the memory for it, and then says so", () => {
  const { answer, into } = tell(plain(sample(100)), [7], 1000);
  assert.equal(answer?.bodyBytes, 100);
  assert.ok(into.subarray(0, 100).equals(sample(100)) && into.subarray(100).every((byte) => byte === 0xee));
});

test("interim heads are passed over, and what comes behind them counts", () => {
  const bytes = Buffer.concat([Buffer.from("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\n"), plain(sample(50))]);
  for (const cut of [1, 3, 26, 1000]) {
    const { answer, into, reader } = tell(bytes, [cut], 50);
    assert.ok(reader.continued && answer?.bodyBytes === 50 && into.equals(sample(50)), `cut into ${cut}`);
  }
});

test("a failure comes as text, and the memory for the body stays as it was", () => {
  const { answer, into, reader } = tell(plain(Buffer.from("no such key"), 404), [5], 20);
  assert.deepEqual([answer?.status, answer?.text, answer?.bodyBytes], [404, "no such key", 0]);
  assert.ok(into.every((byte) => byte === 0xee) && reader.reusable);
});

test("a long text of a failure is cut, and the connection is given up; of a success it is refused", () => {
  const { answer, reader } = tell(plain(Buffer.alloc(100_000, "x"), 500), [65_536]);
  assert.equal(answer?.text.length, 65_536);
  assert.equal(reader.reusable, false);
  refused(plain(Buffer.alloc(100_000, "x")));
});

test("HEAD, 204 and 304 have no body, whatever they say", () => {
  for (const [method, status] of [
    ["HEAD", 200],
    ["HEAD", 404],
    ["GET", 304],
    ["PUT", 204],
  ] as const) {
    // biome-ignore format: a table
    const { answer, reader } = tell(Buffer.from(`HTTP/1.1 ${status} X\r\ncontent-length: 77\r\n\r\n`), [1000], undefined, method);
    assert.ok(answer?.status === status && reader.reusable && answer.headers.get("content-length") === "77");
  }
});

test("a text without a length ends with the connection, and a body for memory may not", () => {
  const { reader, answer } = tell(Buffer.from("HTTP/1.0 403 No\r\n\r\nnot you"), [4]);
  assert.equal(answer, undefined);
  assert.ok(reader.ended() && !reader.reusable);
  assert.equal(reader.answer?.text, "not you");
  refused(Buffer.from("HTTP/1.0 200 OK\r\n\r\nbytes"), 5);
});

test("an answer that the connection ends early is not one", () => {
  fc.assert(
    fc.property(fc.boolean(), fc.integer({ min: 0, max: 5000 }), fc.nat(), (inChunks, bytes, cutAt) => {
      const whole = inChunks ? chunked(sample(bytes), [100, 3]) : plain(sample(bytes));
      const { reader } = tell(whole.subarray(0, cutAt % whole.length), [1000], bytes);
      assert.equal(reader.ended(), false);
    }),
  );
});

test("bytes behind the answer make the connection useless, and change nothing else", () => {
  for (const whole of [plain(sample(10)), chunked(sample(10), [4])]) {
    const { answer, into, reader } = tell(Buffer.concat([whole, Buffer.from("HTTP/1.1 200 smuggled\r\n\r\n")]), [1000], 10);
    assert.ok(answer?.bodyBytes === 10 && into.equals(sample(10)) && !reader.reusable);
  }
});

test("connection: close and HTTP/1.0 are honoured", () => {
  const answer = (line: string, header: string): boolean => tell(Buffer.from(`${line} 200 OK\r\ncontent-length: 0\r\n${header}\r\n`), [1000]).reader.reusable;
  assert.equal(answer("HTTP/1.1", ""), true);
  assert.equal(answer("HTTP/1.1", "Connection: x, Close\r\n"), false);
  assert.equal(answer("HTTP/1.0", ""), false);
  assert.equal(answer("HTTP/1.0", "connection: keep-alive\r\n"), true);
});

function refused(bytes: Buffer, intoBytes?: number): void {
  assert.throws(
    () => tell(bytes, [1000], intoBytes),
    (error) => isFault(error, "VOLUME_UNREACHABLE") || assert.fail(`${String(error)} for ${JSON.stringify(bytes.toString("latin1").slice(0, 100))}`),
  );
}

const badHeads = [
  "HTTP/1.1 200 OK\ncontent-length: 1\n\n\r\n\r\n",
  "HTTP/2 200\r\n\r\n",
  "HTTP/1.1 99 X\r\n\r\n",
  "HTTP/1.1 600 X\r\n\r\n",
  "HTTP/1.1  200 X\r\n\r\n",
  "HTTP/1.1 2000 X\r\n\r\n",
  "http/1.1 200 X\r\n\r\n",
  "ICY 200 OK\r\n\r\n",
  "HTTP/1.1 200 OK\r\na : b\r\n\r\n",
  "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
  "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
  "HTTP/1.1 200 OK\r\na: b\r\n folded\r\n\r\n",
  "HTTP/1.1 200 OK\r\na: b\x00\r\n\r\n",
  "HTTP/1.1 200 OK\r\na: b\nc: d\r\n\r\n",
  "HTTP/1.1 200 OK\r\na: b\rc: d\r\n\r\n",
  "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\n",
  "HTTP/1.1 200 OK\r\ncontent-length: 1, 1\r\n\r\n",
  "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
  "HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\n",
  "HTTP/1.1 200 OK\r\ncontent-length: 0x1\r\n\r\n",
  "HTTP/1.1 200 OK\r\ncontent-length: 9999999999999999\r\n\r\n",
  "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
  "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n",
  "HTTP/1.1 101 Switching Protocols\r\n\r\n",
  `HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(129)}\r\n`,
  `HTTP/1.1 200 OK\r\na: ${"b".repeat(scratchBytes)}`,
  "HTTP/1.1 100 Continue\r\n\r\n".repeat(17),
];

test("a head that could be read in two ways, or has no end, is refused", () => {
  for (const head of badHeads) refused(Buffer.from(head, "latin1"));
});

const badChunks = [
  "\r\n",
  "g\r\n",
  " 1\r\n",
  "-1\r\n",
  "1 1\r\n",
  "1\n",
  "0x1\r\n",
  "1111111111111\r\n",
  "1\r\nab\r\n",
  "1\r\na\n",
  `1;${"x".repeat(5000)}`,
  "0\r\nbad trailer\n",
];

test("chunks that are not well formed are refused", () => {
  for (const body of badChunks) refused(Buffer.from(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${body}`, "latin1"), 100);
  refused(Buffer.from(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n${"a: b\r\n".repeat(40)}`), 100);
});

test("a body that says it is longer than the memory for it is refused before any of it is laid there", () => {
  const into = Buffer.alloc(10, 0xee);
  const reader = new ResponseReader({ method: "GET", into: [into] }, Buffer.alloc(scratchBytes));
  const bytes = plain(sample(11));
  reader.room().set(bytes);
  assert.throws(
    () => reader.received(bytes.length),
    (error) => isFault(error, "VOLUME_UNREACHABLE"),
  );
  assert.ok(into.every((byte) => byte === 0xee));
});

test("a body that is longer than the memory for it, or encoded, is refused", () => {
  refused(plain(sample(11)), 10);
  refused(chunked(sample(11), [4]), 10);
  refused(Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-encoding: gzip\r\n\r\nabc"), 3);
});

test("an answer damaged at random is refused, waits for more, or is an answer; never a crash, never bytes beside the views", () => {
  const good = fc.constantFrom(plain(sample(300)), chunked(sample(300), [50, 7]), plain(sample(9), 503), Buffer.from("HTTP/1.0 500 X\r\n\r\nabc"));
  const edit = fc.record({
    at: fc.nat(200),
    remove: fc.nat(5),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.constantFrom("\r\n", "\n", "0", ":", " ", "f").map((text) => Buffer.from(text)),
    ),
  });
  fc.assert(
    fc.property(good, fc.array(edit, { minLength: 1, maxLength: 4 }), sizes, (whole, edits, cuts) => {
      let bytes = whole;
      for (const { at, remove, insert } of edits) bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
      try {
        const { answer } = tell(bytes, cuts, 300);
        assert.ok(!answer || (answer.status >= 200 && answer.bodyBytes <= 300 && answer.text.length <= 65_536));
      } catch (error) {
        assert.ok(isFault(error, "VOLUME_UNREACHABLE"), String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
