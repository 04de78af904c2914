import assert from "node:assert/strict";
import { isFault } from "../../core/errors.ts";
import { realWorld } from "../../core/world/index.ts";
import type { Fixture } from "./conformance-tools.ts";
import type { Coordinator } from "./coordinator.ts";
import { eventBytesMax } from "./events.ts";

const never = new AbortController().signal;

let serial = 0;
const fresh = (): string => `topic-${++serial}`;

/** Listens from when it resolves on. */
async function ear(coordinator: Coordinator, topic: string) {
  const texts: string[] = [];
  let missed = 0;
  const listening = coordinator.events.listen(topic, (text) => (text === undefined ? missed++ : texts.push(text)));
  await until(() => missed > 0);
  return { texts, [Symbol.dispose]: () => listening[Symbol.dispose]() };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await realWorld.sleep(5, never);
}

export const eventCases: Readonly<Record<string, (fixture: Fixture) => Promise<void>>> = {
  "all who listen hear what is told, in order": async ({ one, other }) => {
    const topic = fresh();
    using first = await ear(one, topic);
    using second = await ear(other, topic);
    const texts = ["1", "", "drei – 三\r\n$4\r\n", "x".repeat(eventBytesMax)];
    for (const text of texts) await one.events.tell(topic, text, never);
    await until(() => first.texts.length >= texts.length && second.texts.length >= texts.length);
    assert.deepEqual([first.texts, second.texts], [texts, texts]);
  },
  "what is told of one topic is not heard of another": async ({ one, other }) => {
    const [topic, elsewhere] = [fresh(), fresh()];
    using first = await ear(one, topic);
    await other.events.tell(elsewhere, "no", never);
    await other.events.tell(topic, "yes", never);
    await until(() => first.texts.length > 0);
    assert.deepEqual(first.texts, ["yes"]);
  },
  "who has stopped listening hears nothing, and others do": async ({ one, other }) => {
    const topic = fresh();
    const first = await ear(one, topic);
    using second = await ear(one, topic);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    await other.events.tell(topic, "late", never);
    await until(() => second.texts.length > 0);
    assert.deepEqual([first.texts, second.texts], [[], ["late"]]);
  },
  "telling nobody is fine, and too much is refused": async ({ one }) => {
    await one.events.tell(fresh(), "hello", never);
    await assert.rejects(one.events.tell(fresh(), "x".repeat(eventBytesMax + 1), never), (error) => isFault(error, "ARGUMENT_INVALID"));
  },
};
