declare module "pdf-parse/lib/pdf-parse.js" {
  /** The package's index reads a file of its own when it is imported: this is what it wraps. */
  export default function readPdf(
    file: Buffer,
  ): Promise<{ readonly text: string; readonly numpages: number }>;
}
