/**
 * Bulk bytes over HTTP/1.1: bodies are received straight into the memory where they are wanted, and sent from where they lie. What a
 * status means, whether to try again and whom to ask then is left to the drivers that speak with an engine.
 */
export { BulkClient, type BulkClientOptions } from "./client.ts";
export { bytesLaid } from "./laid.ts";
export type { BulkRequest, BulkResponse } from "./message.ts";
