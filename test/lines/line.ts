/** A line to a server that can be cut: whoever connects while it is cut is refused. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { joined } from "./joined.ts";

export class Line implements AsyncDisposable {
  readonly #host: string;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #ownPort = 0;

  private constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  static async to(host: string, port: number): Promise<Line> {
    const line = new Line(host, port);
    await line.mend();
    return line;
  }

  get address(): string {
    return `127.0.0.1:${this.#ownPort}`;
  }

  /** Under the same address as before. */
  async mend(): Promise<void> {
    if (this.#server) return;
    const server = createServer((client) => this.#join(client));
    server.listen(this.#ownPort, "127.0.0.1");
    await once(server, "listening");
    this.#ownPort = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (!server) return;
    server.close();
    await once(server, "close");
  }

  #join(client: Socket): void {
    const server = connect(this.#port, this.#host);
    joined(client, server, this.#sockets);
    client.pipe(server);
    server.pipe(client);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cut();
  }
}
