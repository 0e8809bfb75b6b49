import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface ProviderReply {
  readonly status: number;
  readonly body: unknown;
}

/** A provider out there: answers as told, and remembers what it was asked. */
export interface Provider extends AsyncDisposable {
  readonly url: string;
  readonly asked: { readonly url: string; readonly authorization: string | undefined }[];
  reply: ProviderReply;
}

export async function startProvider(reply: ProviderReply): Promise<Provider> {
  const asked: Provider["asked"] = [];
  const state = { reply };
  const server = createServer((request: IncomingMessage, response) => {
    asked.push({ url: request.url ?? "", authorization: request.headers.authorization });
    const { status, body } = state.reply;
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    get reply() {
      return state.reply;
    },
    set reply(next: ProviderReply) {
      state.reply = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const metaNumber: ProviderReply = {
  status: 200,
  body: {
    id: "1001",
    verified_name: "Tienda",
    display_phone_number: "+34 600 000 999",
    quality_rating: "GREEN",
  },
};

export const metaExpired: ProviderReply = {
  status: 401,
  body: { error: { message: "Error validating access token: EAAsecret has expired", code: 190 } },
};

export const cloudCredentials = {
  kind: "whatsapp_cloud",
  phone_number_id: "1001",
  access_token: "EAAsecret",
  app_secret: "app-secret",
  verify_token: "verify-me",
} as const;
