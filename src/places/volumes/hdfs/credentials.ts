/**
 * Who we are to HDFS: a user name (simple authentication) or a delegation token, either of which stands in the query of every request.
 * Nothing that is made from such a query may be part of a message.
 */
import { readFile } from "node:fs/promises";
import { fault } from "../../../core/errors.ts";

export interface Credentials {
  /** What to add to a query. Throws ACCESS_DENIED where the token cannot be read. */
  query(): Promise<Readonly<Record<string, string>>>;
  /** After HDFS refused them: true when there are others now, so that it is worth asking again. */
  renew(): Promise<boolean>;
}

export function userCredentials(user: string | undefined): Credentials {
  const query = user === undefined ? {} : { "user.name": user };
  return { query: async () => query, renew: async () => false };
}

/** The file is read once, and again when its token is refused: whoever renews it writes it anew. */
export function tokenCredentials(file: string): Credentials {
  let token: Promise<string> | undefined;
  const current = (): Promise<string> => (token ??= readToken(file));
  return {
    query: async () => ({ delegation: await current() }),
    async renew() {
      const before = await current().catch(() => undefined);
      token = undefined;
      return (await current()) !== before;
    },
  };
}

/** As GETDELEGATIONTOKEN gives it: URL-safe base64. */
const tokenPattern = /^[A-Za-z0-9_=-]{8,8192}$/;

async function readToken(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw fault("ACCESS_DENIED", `the token of HDFS cannot be read from ${file}: ${error.code ?? error.message}`, {
      cause: error,
      advice: "Write the token there (the `urlString` that GETDELEGATIONTOKEN answers), readable for this user only.",
    });
  });
  const token = text.trim();
  if (!tokenPattern.test(token))
    throw fault("ACCESS_DENIED", `${file} does not hold a delegation token`, {
      advice: "Write the `urlString` that GETDELEGATIONTOKEN answers, alone, into it.",
    });
  return token;
}
