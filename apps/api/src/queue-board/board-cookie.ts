import type { IncomingMessage } from "node:http";

const name = "pregonero_board";

/** How long a browser may look at the board without asking again, s. */
const ageS = 3_600;

/** For the board alone, out of reach of scripts, and sent by no other site. */
export function boardCookie(token: string, secure: boolean): string {
  const parts = [
    `${name}=${encodeURIComponent(token)}`,
    "Path=/admin",
    `Max-Age=${ageS}`,
    "HttpOnly",
    "SameSite=Strict",
  ];
  if (secure) parts.push("Secure");
  return parts.join("; ");
}

/** The token that the browser was given, or null. */
export function boardToken(req: IncomingMessage): string | null {
  for (const pair of (req.headers.cookie ?? "").split(";")) {
    const [key, value] = pair.trim().split("=", 2);
    if (key === name && value !== undefined && value !== "") return decode(value);
  }
  return null;
}

function decode(value: string): string | null {
  try {
    return decodeURIComponent(value);
  } catch {
    return null;
  }
}
