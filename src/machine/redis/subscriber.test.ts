import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { realWorld } from "../../core/world/index.ts";
import { placeOf } from "./place.ts";
import { Subscriber } from "./subscriber.ts";

const never = new AbortController().signal;

/** A server that takes subscriptions and says what it is told to. */
async function speaker() {
  const sockets = new Set<Socket>();
  let [answers, asked] = [true, 0];
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}).on("close", () => sockets.delete(socket)));
    socket.on("data", (data) => {
      if (data.includes("SUBSCRIBE")) socket.write("*3\r\n$9\r\nsubscribe\r\n$2\r\nch\r\n:1\r\n");
      if (data.includes("PING")) asked++;
      if (answers && data.includes("PING")) socket.write("*2\r\n$4\r\npong\r\n$0\r\n\r\n");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    place: placeOf(`redis://127.0.0.1:${port}`),
    say: (text: string) => {
      for (const socket of sockets) socket.write(`*3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$${text.length}\r\n${text}\r\n`);
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    connections: () => sockets.size,
    asked: () => asked,
    answerNoMore: () => {
      answers = false;
    },
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await realWorld.sleep(5, never);
}

test("what is said is heard, and where it may have been missed that is told", async () => {
  using server = await speaker();
  const heard: (string | undefined)[] = [];
  using _ = new Subscriber({ places: [server.place], channel: "ch", world: realWorld, heard: (text) => heard.push(text) });
  await until(() => heard.length === 1);
  server.say("one");
  server.say("two");
  await until(() => heard.length === 3);
  server.cut();
  await until(() => heard.length === 4);
  server.say("three");
  await until(() => heard.length === 5);
  assert.deepEqual(heard, [undefined, "one", "two", undefined, "three"]);
});

test("where one server is away the next is listened to", async () => {
  using server = await speaker();
  const heard: (string | undefined)[] = [];
  using _ = new Subscriber({ places: [placeOf("redis://127.0.0.1:1"), server.place], channel: "ch", world: realWorld, heard: (text) => heard.push(text) });
  await until(() => heard.length === 1);
  server.say("one");
  await until(() => heard.length === 2);
  assert.deepEqual(heard, [undefined, "one"]);
});

test("a server that answers no more is found out, and nothing is heard after the end", async () => {
  using server = await speaker();
  const heard: (string | undefined)[] = [];
  // It asks often; how long it waits for an answer is as it is.
  const asking = { ...realWorld, sleep: (ms: number, signal: AbortSignal) => realWorld.sleep(ms >= 2000 ? ms / 50 : ms, signal) };
  const subscriber = new Subscriber({ places: [server.place], channel: "ch", world: asking, heard: (text) => heard.push(text) });
  await until(() => heard.length === 1);
  await until(() => server.asked() >= 3);
  assert.deepEqual([heard.length, server.connections()], [1, 1], "it asks whether the server is there, and it is");
  server.answerNoMore();
  await until(() => heard.length === 2);
  subscriber[Symbol.dispose]();
  await until(() => server.connections() === 0);
  server.say("late");
  assert.deepEqual(heard, [undefined, undefined]);
});
