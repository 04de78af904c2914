/** Two sockets that end together, as the ends of one line. Both are in `open` until they are closed. */
import type { Socket } from "node:net";

export function joined(client: Socket, server: Socket, open: Set<Socket>): void {
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    open.add(one);
    one.on("error", () => other.destroy());
    one.on("close", () => {
      open.delete(one);
      other.destroy();
    });
  }
}
