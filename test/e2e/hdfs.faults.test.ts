import { test } from "node:test";
import { wantEngine } from "../services/wanted.ts";
import { testSmall } from "./small.ts";

const { skip } = wantEngine("HOLDFAST_TEST_HDFS");
if (skip === false) testSmall("hdfs-faults");
else test("a model in HDFS", { skip }, () => undefined);
