import { testSmall } from "./small.ts";

testSmall("10");
