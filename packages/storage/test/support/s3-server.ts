import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";
import { signedRight } from "./signed-right.ts";

// The only key that it knows.
const key = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };

/** A server that speaks S3, and lets no request in that is not signed right; its objects are in a temporary folder. */
export async function startS3(bucket: string) {
  const directory = await mkdtemp(join(tmpdir(), "pregonero-s3-"));
  const s3rver = new S3rver({ silent: true, directory, configureBuckets: [{ name: bucket }] });
  await s3rver.configureBuckets();
  const listener = s3rver.callback();
  const server = createServer((req, res) => {
    void signedRight(req, key, "us-east-1").then((right) => {
      if (right) listener(req, res);
      else res.writeHead(403).end("<Error><Code>SignatureDoesNotMatch</Code></Error>");
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    ...key,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await once(server.close(), "close");
      await rm(directory, { recursive: true, force: true });
    },
  };
}
