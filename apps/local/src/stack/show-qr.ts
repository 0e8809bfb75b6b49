import { qrLines } from "../terminal/qr.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** Shows the QR of a device, to be scanned from the terminal. */
export function showQr(terminal: Terminal, name: string, code: string): void {
  terminal.say();
  terminal.say(`  ${name}:`);
  for (const line of qrLines(code)) terminal.say(`  ${terminal.paint("onBlack", line)}`);
}
