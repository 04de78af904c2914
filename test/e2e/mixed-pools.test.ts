import { wantEngine } from "../services/wanted.ts";
import { testSmall } from "./small.ts";

const { skip } = wantEngine("HOLDFAST_TEST_HDFS");
const buckets = [wantEngine("HOLDFAST_TEST_S3_MINIO"), wantEngine("HOLDFAST_TEST_S3_VERSITY")];
const [noBucket] = buckets.every((bucket) => bucket.skip !== false) ? buckets.map((bucket) => bucket.skip) : [false as const];
testSmall("mixed-pools", { skip: skip || noBucket || false, timeout: 6 * 60_000 });
