import { wantEngine } from "../services/wanted.ts";
import { testSmall } from "./small.ts";

testSmall("redis-kills", { skip: wantEngine("HOLDFAST_TEST_REDIS_CLUSTER").skip });
