/** What Windows-1252 has at 0x80–0x9f, where Latin-1 has control characters; the five gaps stay as they are. */
const special = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

/**
 * One byte is one character, so chunks can be cut anywhere. By hand, because `TextDecoder("windows-1252")` of Node 20
 * decodes Latin-1 instead: € and curly quotes would be lost.
 */
export function decodeWindows1252(bytes: Buffer): string {
  return bytes
    .toString("latin1")
    .replaceAll(/[\u0080-\u009f]/g, (char) => special.charAt(char.charCodeAt(0) - 0x80));
}
