/** Words or phrases as people write them one after the other. */
export function wordsOf(text: string): string[] {
  const words = text.split(/[,;\n]/).map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ""))];
}
