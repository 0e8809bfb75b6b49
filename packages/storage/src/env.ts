import { z } from "zod";

/** Fields of an app's environment, for `openBlobStore`. API and workers must agree on them. */
export const blobEnv = {
  /** `disk` needs a folder that all processes share as soon as there is more than one machine. */
  BLOB_STORE: z.enum(["disk", "s3"]).default("disk"),
  BLOB_DIR: z.string().default(".data/blobs"),
  /** Of a store that speaks S3 (MinIO, R2, Ceph …), with the bucket in the path; unset for Amazon's own. */
  S3_ENDPOINT: z.url().optional(),
  S3_REGION: z.string().default("us-east-1"),
  S3_BUCKET: z.string().optional(),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
};

export type BlobSettings = z.output<z.ZodObject<typeof blobEnv>>;
