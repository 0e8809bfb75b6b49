/** What a caller may give to a schema, before its defaults are filled in. */
export type InputOf<Schema extends { readonly _zod: { readonly input: unknown } }> = Schema["_zod"]["input"];
