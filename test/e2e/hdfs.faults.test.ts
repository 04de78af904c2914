import { wantEngine } from "../services/wanted.ts";
import { testSmall } from "./small.ts";

/** Clients of Hadoop are started to ask HDFS, each of which takes seconds. */
const timeout = 6 * 60_000;

const { url, skip } = wantEngine("HOLDFAST_TEST_HDFS");
testSmall("hdfs-faults", { skip, timeout });
testSmall("hdfs-failover", { skip: skip || (url.includes(",") ? false : "needs two NameNodes: npm run services -- up --ha hdfs"), timeout });
