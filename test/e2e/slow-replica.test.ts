import { testSmall } from "./small.ts";

testSmall("slow-replica");
