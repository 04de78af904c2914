import { testSmall } from "./small.ts";

testSmall("06");
