/**
 * A proxy before an HTTP server that hurts a share of what goes through it: requests are answered 503, before or after their body was read, and
 * exchanges are cut in the middle: uploads with half of their body at the server, downloads with half of it at the client, others when the server has done
 * its work and the answer is on its way. Which ones is drawn from a seed.
 */
import { once } from "node:events";
import { Agent, type ClientRequest, createServer, type IncomingMessage, request as requestTo, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface FaultRates {
  /** Shares of all requests. */
  readonly refused: number;
  readonly cut: number;
}

interface FaultCounts {
  requests: number;
  refused: number;
  cutUploads: number;
  cutDownloads: number;
  lostAnswers: number;
}

export interface FaultingProxy extends AsyncDisposable {
  /** `http://host:port` */
  readonly origin: string;
  readonly counts: Readonly<FaultCounts>;
}

const smallBytes = 1024;

export async function faultingProxy(target: URL, rates: FaultRates, seed: number): Promise<FaultingProxy> {
  const random = randomFrom(seed);
  const counts: FaultCounts = { requests: 0, refused: 0, cutUploads: 0, cutDownloads: 0, lostAnswers: 0 };
  const agent = new Agent({ keepAlive: true });
  const server = createServer((request, response) => {
    counts.requests++;
    const exchange = { request, response, target, agent };
    const draw = random();
    if (draw < rates.refused) refuse(exchange, counts, random() < 0.5);
    else if (draw < rates.refused + rates.cut) cut(exchange, counts);
    else forward(exchange);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: URL;
  readonly agent: Agent;
}

const slowDown = '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';

function refuse({ request, response }: Exchange, counts: FaultCounts, early: boolean): void {
  counts.refused++;
  const say = (): void =>
    void response.writeHead(503, { "content-type": "application/xml", "content-length": slowDown.length }).end(request.method === "HEAD" ? "" : slowDown);
  if (early) say();
  else request.resume().on("end", say);
}

/** To the server, with the headers as they came: the signature holds for the host that the client saw. */
function ask({ request, response, target, agent }: Exchange): ClientRequest {
  const { method, url, headers } = request;
  const asked = requestTo({ host: target.hostname, port: target.port, method, path: url, headers, agent });
  asked.on("error", () => response.destroy());
  response.on("close", () => void (response.writableFinished || asked.destroy()));
  return asked;
}

function forward(exchange: Exchange): void {
  const { request, response } = exchange;
  const asked = ask(exchange).on("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  request.pipe(asked);
}

function cut(exchange: Exchange, counts: FaultCounts): void {
  if (Number(exchange.request.headers["content-length"] ?? 0) > smallBytes) {
    counts.cutUploads++;
    cutUpload(exchange);
  } else cutAnswer(exchange, counts);
}

function cutUpload(exchange: Exchange): void {
  const { request } = exchange;
  const asked = ask(exchange);
  let left = Math.floor(Number(request.headers["content-length"]) / 2);
  request.on("data", (part: Buffer) => {
    asked.write(part.subarray(0, left));
    left -= part.length;
    if (left > 0) return;
    request.socket.destroy();
    asked.destroy();
  });
}

function cutAnswer(exchange: Exchange, counts: FaultCounts): void {
  const { request, response } = exchange;
  const asked = ask(exchange).on("response", (answer) => {
    const bytes = request.method === "HEAD" ? 0 : Number(answer.headers["content-length"] ?? 0);
    if (bytes > smallBytes) counts.cutDownloads++;
    else counts.lostAnswers++;
    if (bytes <= smallBytes) return void response.destroy();
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    let left = Math.floor(bytes / 2);
    answer.on("data", (part: Buffer) => {
      response.write(part.subarray(0, left), () => void (left <= 0 && response.destroy()));
      left -= part.length;
    });
  });
  request.pipe(asked);
}

/** Uniform in [0, 1); mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
