/**
 * The DataNodes that bytes may go to and come from, and those that failed a moment ago. A redirect is followed only to an address that the
 * settings or the NameNode's own list have: a token and a model are not sent to whoever a forged answer names.
 */
import { fault } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import { webHdfsPath } from "./names.ts";

export interface DataNodesOptions {
  readonly world: World;
  readonly volume: string;
  /** `host:port` and `.domain:port` from the settings; where there are some, the NameNode's list is not asked for. */
  readonly allowed: readonly string[];
  /** Asks the NameNode: the address of each node's HTTP server, and the address by which the NameNode knows it. */
  readonly learn: (signal: AbortSignal) => Promise<ReadonlyMap<string, string>>;
}

/** A list that lacks an address is asked for again, but not more often than this: whoever wants to know waits. */
const learnAgainMs = 1000;
/** Until a NameNode notices by itself that a node is gone; with the defaults of HDFS ten minutes, in which it goes on sending clients there. */
const suspectMs = 60_000;
const suspectsMax = 100;

export class DataNodes {
  readonly #options: DataNodesOptions;
  #learned: ReadonlyMap<string, string> = new Map();
  /** Questions for the list that were begun, the one that was answered with it, and the ticks of the last one. */
  #asked = 0;
  #answered = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  /** Resolves when the question that is under way has its answer, or has none. */
  #asking: Promise<void> | undefined;
  /** By address, the ticks until which it is avoided. */
  readonly #suspects = new Map<string, number>();

  constructor(options: DataNodesOptions) {
    this.#options = options;
  }

  /** The URL of a redirect. Throws ACCESS_DENIED where it leads to anything but a DataNode of this HDFS. */
  async admit(location: string, signal: AbortSignal): Promise<URL> {
    const url = URL.parse(location);
    const plain = url?.protocol === "http:" && url.username === "" && url.password === "" && url.pathname.startsWith(`${webHdfsPath}/`);
    if (url && plain && (await this.#isKnown(url, signal))) return url;
    const where = url ? `${url.protocol}//${url.host}` : "no URL";
    throw fault("ACCESS_DENIED", `volume ${this.#options.volume}: the NameNode sends bytes to ${where}, which is not among its DataNodes`, {
      advice: "If that is a DataNode of this cluster, name it in the URL of the volume: datanodes=host:port,…",
    });
  }

  async #isKnown(url: URL, signal: AbortSignal): Promise<boolean> {
    const { allowed } = this.#options;
    const address = addressOf(url);
    if (allowed.length > 0) return allowed.some((one) => one === address || (one.startsWith(".") && address.endsWith(one)));
    return await this.#isListed(address, signal);
  }

  /** A node may have come, or come back, since the list was asked for: only one from after the redirect says that it has not. */
  async #isListed(address: string, signal: AbortSignal): Promise<boolean> {
    const { world } = this.#options;
    const askedBefore = this.#asked;
    while (!this.#learned.has(address)) {
      if (this.#answered > askedBefore) return false;
      const restMs = this.#askedAt + learnAgainMs - world.ticks();
      if (this.#asking) await this.#asking;
      else if (restMs > 0) await world.sleep(restMs, signal);
      else await this.#ask(signal);
    }
    return true;
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const { learn, world } = this.#options;
    const question = ++this.#asked;
    this.#askedAt = world.ticks();
    const list = learn(signal);
    this.#asking = list.then(
      () => undefined,
      () => undefined, // whoever asked is told
    );
    try {
      this.#learned = await list;
      this.#answered = question;
    } finally {
      this.#asking = undefined;
    }
  }

  /** It failed: for a while the NameNode is asked for another one. */
  suspect(url: URL): void {
    if (this.#suspects.size >= suspectsMax) this.forgive();
    this.#suspects.set(addressOf(url), this.#options.world.ticks() + suspectMs);
  }

  clear(url: URL): void {
    this.#suspects.delete(addressOf(url));
  }

  forgive(): void {
    this.#suspects.clear();
  }

  /** For `excludedatanodes`, by the names that the NameNode has for them; undefined where none is suspected. */
  excluded(): string | undefined {
    const now = this.#options.world.ticks();
    for (const [address, until] of this.#suspects) if (until <= now) this.#suspects.delete(address);
    if (this.#suspects.size === 0) return undefined;
    const names = [...this.#suspects.keys()].map((address) => this.#learned.get(address) ?? address.replace(/:[0-9]+$/, ""));
    return [...new Set(names)].join(",");
  }
}

/** `host:port`: a URL leaves out the port that its scheme has anyway. */
function addressOf({ hostname, port }: URL): string {
  return `${hostname}:${port === "" ? "80" : port}`.toLowerCase();
}
