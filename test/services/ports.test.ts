/** The range of ports, and what is said when somebody else has one of them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { EngineTrouble } from "../../scripts/services/engine.ts";
import { engines } from "../../scripts/services/engines.ts";
import { firstPort, loopback, refuseTakenPorts } from "../../scripts/services/ports.ts";
import { variables } from "../../scripts/services/variables.ts";

test("a taken port is refused by number, with who wanted it; when it is free again it is not", async () => {
  const server = createServer().listen(0, loopback);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await assert.rejects(refuseTakenPorts("dn2", [port]), (error) => error instanceof EngineTrouble && error.message.includes(`port ${port}, which dn2 needs`));
  server.close();
  await once(server, "close");
  await refuseTakenPorts("dn2", [port]);
});

test("the range can be moved, to where a range can be", () => {
  const moved = (text: string): number => firstPort({ HOLDFAST_SERVICES_PORT: text });
  assert.equal(moved(""), firstPort({}));
  assert.equal(moved("30100"), 30_100);
  for (const text of ["1", "65500", "http", "30100.5"]) assert.throws(() => moved(text), EngineTrouble, text);
});

test("every engine has a variable for tests, and every variable an engine", () => {
  assert.deepEqual(Object.fromEntries(engines.map(({ name, variable }) => [name, variable])), variables);
});
