import { test } from "node:test";
import { servers } from "../s3/servers.ts";
import { testSmall } from "./small.ts";

const missing = Object.values(servers).flatMap((want) => want().skip || []);
if (missing.length < Object.keys(servers).length) testSmall("s3-faults");
else test("a model in a bucket", { skip: missing.join("; ") }, () => undefined);
