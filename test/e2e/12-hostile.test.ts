import { testSmall } from "./small.ts";

testSmall("12");
