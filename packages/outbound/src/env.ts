import { z } from "zod";
import { isAllowEntry } from "./allow-list.ts";

function parts(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Fields of an app's environment, for `createOutboundGuard`. */
export const outboundEnv = {
  /** Private hosts that users' addresses may lead to all the same: host, host:port, address or network, with commas. */
  OUTBOUND_ALLOW: z
    .string()
    .default("")
    .transform(parts)
    .refine((entries) => entries.every(isAllowEntry), "must be hosts, host:port or networks, with commas"),
  /** The only ports that users' addresses may name; any when empty. */
  OUTBOUND_PORTS: z
    .string()
    .default("")
    .transform((text) => parts(text).map(Number))
    .refine(
      (ports) => ports.every((port) => Number.isInteger(port) && port > 0 && port <= 65_535),
      "must be port numbers, with commas",
    ),
};
