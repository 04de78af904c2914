/** Stands between a catalog and its server, sees what is said, and cuts the line at a word. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { joined } from "./joined.ts";

/**
 * What to do with a message of the client that has the word: let it pass, cut before it arrives, cut so that only its answer is lost, or say nothing any more,
 * as a host without power does.
 */
export type Verdict = "pass" | "lost" | "arrives" | "silence";

export class LineCutter implements AsyncDisposable {
  /** Asked for every message of a client, which comes as one piece. */
  judge: (message: string) => Verdict = () => "pass";
  readonly #server: Server;
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, target: URL) {
    this.#server = server;
    this.#target = target;
  }

  static async before(target: string): Promise<LineCutter> {
    const server = createServer();
    const cutter = new LineCutter(server, new URL(target));
    server.on("connection", (client) => cutter.#join(client));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return cutter;
  }

  /** The same URL through the proxy. */
  through(url: string): string {
    return url.replace(`@${this.#target.host}`, `@127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
  }

  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cutAll();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    joined(client, server, this.#sockets);
    server.pipe(client);
    client.on("data", (bytes) => this.#pass(bytes, client, server));
  }

  #pass(bytes: Buffer, client: Socket, server: Socket): void {
    const verdict = this.judge(bytes.toString("latin1"));
    if (verdict === "silence") return;
    if (verdict === "lost") client.destroy();
    else if (verdict === "pass") server.write(bytes);
    else {
      // The server answers to nobody: it has the message, and then it is told that the line is down.
      server.unpipe(client);
      server.write(bytes, () => {
        client.destroy();
        server.end();
      });
    }
  }
}
