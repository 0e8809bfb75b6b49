import { runMain } from "@pregonero/runtime";
import { startWorker } from "./compose.ts";
import { readEnv } from "./env.ts";

runMain("worker", () => startWorker(readEnv(process.env)));
