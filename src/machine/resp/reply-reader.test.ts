import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isFault } from "../../core/errors.ts";
import { bytesOfCommand } from "./command.ts";
import { landed, otherLength, Refusal, type Reply, ReplyReader } from "./reply-reader.ts";

interface Awaited {
  readonly into?: readonly Uint8Array[];
}

/** Feeds the bytes in the given portions, as a socket would: into the room, as much as fits. */
function read(bytes: Uint8Array, awaited: readonly Awaited[], portions: readonly number[]): Reply[] {
  const replies: Reply[] = [];
  const reader = new ReplyReader(
    () => {
      const next = awaited[replies.length];
      if (!next) throw new RangeError("nothing is awaited");
      return next.into;
    },
    (reply) => replies.push(reply),
  );
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const room = reader.room();
    assert.ok(room.byteLength > 0);
    const part = bytes.subarray(at, at + Math.min(room.byteLength, portions[turn % portions.length] ?? 1));
    room.set(part);
    reader.received(part.byteLength);
    at += part.byteLength;
  }
  return replies;
}

type Model = { readonly reply: Reply; readonly bytes: Buffer; readonly awaited: Awaited; readonly value?: Buffer };

const plain = fc.string({ unit: "grapheme-ascii", maxLength: 40 }).map((text) => text.replaceAll(/[\r\n]/g, " "));
const text = (value: string): Buffer => Buffer.from(`$${Buffer.byteLength(value)}\r\n${value}\r\n`);
const simple = fc.oneof(
  plain.map((value): Model => ({ reply: value, bytes: Buffer.from(`+${value}\r\n`), awaited: {} })),
  plain.map((value): Model => ({ reply: new Refusal(value), bytes: Buffer.from(`-${value}\r\n`), awaited: {} })),
  fc.integer().map((value): Model => ({ reply: value, bytes: Buffer.from(`:${value}\r\n`), awaited: {} })),
  fc.string({ maxLength: 300 }).map((value): Model => ({ reply: Buffer.from(value).toString(), bytes: text(value), awaited: {} })),
  fc.constantFrom("$-1\r\n", "*-1\r\n").map((value): Model => ({ reply: null, bytes: Buffer.from(value), awaited: {} })),
);
const list = fc.array(simple, { maxLength: 6 }).map(
  (items): Model => ({
    reply: items.map(({ reply }) => reply),
    bytes: Buffer.concat([Buffer.from(`*${items.length}\r\n`), ...items.map(({ bytes }) => bytes)]),
    awaited: {},
  }),
);
const value = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 60_000 }), fc.array(fc.nat({ max: 60_000 }), { maxLength: 3 }), fc.constantFrom(0, 0, 0, 1, -1))
  .map(([body, cuts, more]): Model => {
    const ends = [...cuts.map((cut) => cut % (body.length + 1)), Math.max(0, body.length + more)].sort((a, b) => a - b);
    const into = ends.map((end, index) => new Uint8Array(end - (ends[index - 1] ?? 0)));
    const fits = into.reduce((sum, view) => sum + view.length, 0) === body.length;
    const bytes = Buffer.concat([Buffer.from(`$${body.length}\r\n`), body, Buffer.from("\r\n")]);
    return { reply: fits ? landed : otherLength, bytes, awaited: { into }, ...(fits && { value: Buffer.from(body) }) };
  });
const models = fc.array(fc.oneof(simple, list, value), { maxLength: 12 });
const portions = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 5 });

test("replies are found whatever the portions in which they come, and values land at their place", () => {
  fc.assert(
    fc.property(models, portions, (replies, cuts) => {
      const got = read(
        Buffer.concat(replies.map(({ bytes }) => bytes)),
        replies.map(({ awaited }) => awaited),
        cuts,
      );
      assert.deepEqual(
        got,
        replies.map(({ reply }) => reply),
      );
      for (const { awaited, value: body } of replies) if (body) assert.ok(Buffer.concat(awaited.into ?? []).equals(body));
    }),
  );
});

test("a large value is received at its place but for what came with its length", () => {
  const into = new Uint8Array(1 << 20);
  const rooms: boolean[] = [];
  const reader = new ReplyReader(
    () => [into],
    () => {},
  );
  reader.room().set(Buffer.from(`$${into.length}\r\nabc`));
  reader.received(`$${into.length}\r\nabc`.length);
  for (let left = into.length - 3; left > 0; ) {
    const room = reader.room();
    rooms.push(room.buffer === into.buffer);
    const bytes = Math.min(room.length, 100_000);
    reader.received(bytes);
    left -= bytes;
  }
  assert.ok(rooms.length === 11 && rooms.every(Boolean));
  assert.notEqual(reader.room().buffer, into.buffer, "the next byte is not the value's");
});

test("whatever comes, it is replies or one fault, in bounded memory", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 30 }),
    fc.constantFrom("*2\r\n", "$5\r\n", "\r\n", "$-1\r\n", "*100000\r\n", ":", "-", "+OK\r\n", "$99999999999\r\n", "*-7\r\n").map((word) => Buffer.from(word)),
  );
  const noise = fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.concat(pieces));
  fc.assert(
    fc.property(noise, portions, fc.boolean(), (bytes, cuts, placed) => {
      const awaited = Array.from({ length: 1000 }, () => (placed ? { into: [new Uint8Array(5)] } : {}));
      try {
        read(bytes, awaited, cuts);
      } catch (error) {
        assert.ok(isFault(error, "CACHE_UNREACHABLE"), String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test("what would take too much is refused before it is taken", () => {
  const refused = (bytes: string, awaited: Awaited = {}): void =>
    assert.throws(
      () => read(Buffer.from(bytes), [awaited], [5000]),
      (error) => isFault(error, "CACHE_UNREACHABLE"),
      bytes.slice(0, 30),
    );
  refused("$999999999\r\n");
  refused("$99999999\r\n", { into: [new Uint8Array(1)] });
  refused("*100001\r\n");
  refused(`*1\r\n`.repeat(9));
  refused(`+${"x".repeat(20_000)}`);
  refused(`*60000\r\n${"*2\r\n:1\r\n:1\r\n".repeat(60_000)}`);
  refused(`*1000\r\n${`$9000\r\n${"x".repeat(9000)}\r\n`.repeat(1000)}`);
  refused("+OK\n");
  refused(":1.5\r\n");
  refused("$3\r\nabcd\r\n");
  refused("HTTP/1.1 400 Bad Request\r\n");
});

test("a command is its arguments with their lengths, and views are not copied", () => {
  const body = new Uint8Array([1, 2, 3]);
  const pieces = bytesOfCommand({ words: ["SET", "schlüssel", [body, new Uint8Array([13, 10])], "NX"] });
  assert.ok(pieces.includes(body));
  const wanted = ["*4\r\n$3\r\nSET\r\n$10\r\nschlüssel\r\n$5\r\n", body, "\r\n", "\r\n$2\r\nNX\r\n"].map((part) => Buffer.from(part as string));
  assert.deepEqual(Buffer.concat(pieces), Buffer.concat(wanted));
});
