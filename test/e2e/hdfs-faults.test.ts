import { test } from "node:test";
import { testSmall } from "./small.ts";

if (process.env.HOLDFAST_TEST_HDFS !== undefined || process.env.HOLDFAST_TEST_REQUIRE === "1") testSmall("hdfs-faults");
else test("a model in HDFS", { skip: "needs an HDFS (`npm run services -- up hdfs`)" }, () => undefined);
