/** Three Redis servers that know nothing of each other: the ring is the client's. */
import { type Engine, oneOf } from "./engine.ts";
import { until } from "./patience.ts";
import { loopback, portOf } from "./ports.ts";
import { answersPing, redisClient, redisNode, redisProgram, redisVersion } from "./redis-program.ts";
import { variables } from "./variables.ts";

const name = "redis-ring";
const members = [0, 1, 2].map((index) => ({ name: `node${index + 1}`, offset: index }));

export const redisRing: Engine = {
  name,
  says: "three standalone Redis servers",
  variable: variables[name],
  async prepare(options, say) {
    const program = await redisProgram(say);
    const ports = members.map(({ offset }) => portOf(options, name, offset));
    const allAnswer = async (): Promise<boolean> => (await Promise.all(ports.map(answersPing))).every(Boolean);
    const nodes = members.map((member) => ({ engine: name, name: member.name, port: portOf(options, name, member.offset), morePorts: [], moreSettings: [] }));
    return {
      version: await redisVersion(program),
      address: ports.map((port) => `redis://${loopback}:${port}`).join(","),
      environment: {},
      nodes: nodes.map((node) => redisNode(program, node)),
      settle: (signal) => until(allAnswer, { what: "every server answers PING", waitMsMax: 30_000, signal }),
      nodeNamed: oneOf(nodes.map((node) => node.name)),
      client: async (words) => redisClient(words, portOf(options, name), []),
    };
  },
};
