export { InvalidBlobKey, type BlobMeta, type BlobStore, type OpenBlob } from "./blob-store.ts";
export { blobEnv, type BlobSettings } from "./env.ts";
export { openBlobStore } from "./open.ts";
