import { OperatorError } from "@pregonero/runtime";
import type { BlobStore } from "./blob-store.ts";
import { DiskStore } from "./disk-store.ts";
import type { BlobSettings } from "./env.ts";
import { S3Client } from "./s3-client.ts";
import { S3Store } from "./s3-store.ts";

/** @throws OperatorError when `BLOB_STORE` is s3 and something of it is missing */
export function openBlobStore(settings: BlobSettings): BlobStore {
  if (settings.BLOB_STORE === "disk") return new DiskStore(settings.BLOB_DIR);
  const { S3_ENDPOINT, S3_REGION, S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = settings;
  if (!S3_BUCKET || !S3_ACCESS_KEY_ID || !S3_SECRET_ACCESS_KEY) {
    throw new OperatorError("BLOB_STORE=s3 needs S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.");
  }
  return new S3Store(
    new S3Client({
      // Amazon wants the bucket in the host's name, everybody else takes it in the path.
      baseUrl: S3_ENDPOINT
        ? `${S3_ENDPOINT.replace(/\/$/, "")}/${S3_BUCKET}`
        : `https://${S3_BUCKET}.s3.${S3_REGION}.amazonaws.com`,
      region: S3_REGION,
      accessKeyId: S3_ACCESS_KEY_ID,
      secretAccessKey: S3_SECRET_ACCESS_KEY,
    }),
  );
}
