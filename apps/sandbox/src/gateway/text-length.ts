/** Whether a text has more characters than that: an emoji's UTF-16 halves do not count on their own. */
export function isLongerThan(text: string, most: number): boolean {
  return text.length > most && Array.from(text).length > most;
}
