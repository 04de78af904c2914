/** Answers of Redis, whole and in pieces. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMember } from "../../scripts/services/redis-cluster.ts";
import { readAnswer } from "../../scripts/services/resp.ts";

const read = (text: string) => readAnswer(Buffer.from(text), 0);

test("every kind of answer is read", () => {
  assert.equal(read("+OK\r\n")?.value, "OK");
  assert.equal(read(":42\r\n")?.value, 42);
  assert.equal(read("$4\r\na\r\nb\r\n")?.value, "a\r\nb");
  assert.equal(read("$-1\r\n")?.value, null);
  assert.deepEqual(read("*2\r\n:1\r\n*1\r\n$1\r\nx\r\n")?.value, [1, ["x"]]);
  assert.equal(read("-MOVED 1 127.0.0.1:7\r\n")?.error, "MOVED 1 127.0.0.1:7");
  assert.throws(() => read("HTTP/1.1 400\r\n"));
});

test("of a part there is nothing yet", () => {
  const whole = "*2\r\n$3\r\nabc\r\n:7\r\n";
  for (let length = 0; length < whole.length; length++) assert.equal(read(whole.slice(0, length)), undefined, `${length} bytes`);
});

test("a line of CLUSTER NODES says who serves what", () => {
  const master = parseMember("07c3 127.0.0.1:24620@24630,host slave,fail? 6db0 0 1 2 connected");
  assert.deepEqual(master, { id: "07c3", port: 24_620, masterId: "6db0", isMaster: false, firstSlot: 16_384 });
  assert.deepEqual(parseMember("6db0 127.0.0.1:7@17 myself,master - 0 1 2 connected 5461-10922"), {
    id: "6db0",
    port: 7,
    masterId: "-",
    isMaster: true,
    firstSlot: 5461,
  });
  assert.equal(parseMember("6db0 127.0.0.1:7@17 master,fail - 0 1 2 disconnected 0-5460").isMaster, false);
});
