import { connect } from "node:net";

/** Sends commands over one connection, the password of the URL first, and returns all that comes back. */
export async function redis(url: string, ...commands: string[]): Promise<string> {
  const { hostname, port, password } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.end([`AUTH ${password}`, ...commands, "QUIT", ""].join("\r\n"));
  let answer = "";
  for await (const chunk of socket.setEncoding("utf8")) answer += String(chunk);
  return answer;
}
