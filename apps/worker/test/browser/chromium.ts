export function chromiumPath(): string {
  return process.env["PUPPETEER_EXECUTABLE_PATH"] ?? "/usr/bin/chromium";
}
