/**
 * The protocol of Redis (RESP2) over sockets, with the bytes of large values received at their final place. What keys mean, which server
 * has them and what to do when one is down is left to whoever asks.
 */
export type { Command } from "./command.ts";
export { type RedisAddress, RespConnection } from "./connection.ts";
export { landed, Refusal, type Reply } from "./reply-reader.ts";
