// What a journey needs of the system beyond the boundary's own tools: `false` where it is there, else what to say loudly.

import { existsSync } from "node:fs";

export const withoutCurl: string | false = existsSync("/usr/bin/curl") ? false : "no curl here: apt-get install curl";
