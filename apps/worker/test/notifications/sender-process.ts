import { openDatabase } from "@pregonero/db";
import { makeSender } from "./make-sender.ts";

/** A worker's sender in a process of its own, to be killed. */
const [url = "", port = "", leaseMs = ""] = process.argv.slice(2);
const db = openDatabase({ url, name: "sender-process" });
await makeSender(db, { smtpPort: Number(port), leaseMs: Number(leaseMs) }).round();
