import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "@pregonero/runtime";
import { GatewayFaults } from "../gateway/gateway-faults.ts";
import { Line, type Form, type Reply } from "../gateway/line.ts";
import { Registry } from "../gateway/registry.ts";
import type { FileFacts, FileShelf } from "../network/files.ts";
import type { Network } from "../network/network.ts";
import { Timers } from "../network/timers.ts";
import { CloudAccount } from "./cloud-account.ts";
import { cloudFaultSettingsSchema, type CloudFaultSettings } from "./fault-settings.ts";
import { GraphError } from "./graph-error.ts";
import { readMessage, readReceipt, type FindUpload } from "./message.ts";
import { registrationSchema, type Registration } from "./registration.ts";

/** `/cloud/{version}/{phone_number_id}` and, for sends and uploads, `/messages` and `/media`; also `/{media_id}`. */
const path = /^\/cloud\/v\d+\.\d+\/([^/?]+)(\/messages|\/media)?\/?(?:\?(.*))?$/;
/** Where the bytes of files are. */
const filePath = /^\/cloud\/files\/(\d+)$/;

const shownByDefault =
  "verified_name,code_verification_status,display_phone_number,quality_rating,platform_type";

function phoneNumber({ id, registration }: CloudAccount): Readonly<Record<string, unknown>> {
  return {
    id,
    verified_name: registration.verified_name,
    display_phone_number: `+${registration.phone}`,
    quality_rating: registration.quality_rating,
    code_verification_status: "VERIFIED",
    name_status: "APPROVED",
    platform_type: "CLOUD_API",
    status: "CONNECTED",
    throughput: { level: "STANDARD" },
  };
}

const unknownObject = (id: string, method: string): GraphError =>
  new GraphError(100, {
    message: `Unsupported ${method.toLowerCase()} request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation`,
    subcode: 33,
  });

/** Stands in for `https://graph.facebook.com`. */
export class CloudApi {
  /** By phone number id. */
  readonly accounts: Registry<Registration, CloudAccount>;
  readonly faults: GatewayFaults<CloudFaultSettings>;
  readonly #timers = new Timers();
  readonly #line: Line;
  readonly #network: Network;

  constructor(network: Network, logger: Logger) {
    this.#network = network;
    this.faults = new GatewayFaults("cloud", cloudFaultSettingsSchema);
    const parts = { network, faults: this.faults, timers: this.#timers };
    this.accounts = new Registry({
      network,
      gateway: "cloud",
      schema: registrationSchema,
      create: (id, registration) => new CloudAccount(id, registration, parts),
    });
    this.#line = new Line(this.faults, this.#timers, logger);
  }

  /** Answers anything under `/cloud/`. */
  serve(request: IncomingMessage, response: ServerResponse): void {
    const method = request.method ?? "GET";
    const [, file] = filePath.exec(request.url ?? "") ?? [];
    if (file !== undefined) return this.#serveFile(file, request, response);
    const [, id = "", part, query = ""] = path.exec(request.url ?? "") ?? [];
    const authorized = (): CloudAccount => this.#authorize(id, method, request.headers.authorization);
    const { files } = this.#network;
    if (method === "POST" && part === "/messages") {
      this.#line.send(request, response, (body) => answered(() => this.#take(authorized(), body)));
    } else if (method === "POST" && part === "/media") {
      this.#line.upload(request, response, (form) => answered(() => upload(authorized(), form, files)));
    } else if (method === "GET" && part === undefined && files.get(id) !== undefined) {
      const origin = `http://${request.headers.host ?? ""}`;
      this.#line.ask(request, response, () =>
        answered(() => {
          this.#anyAccount(request.headers.authorization);
          return locate(files.facts(id), origin);
        }),
      );
    } else if (method === "GET" && part === undefined && id !== "") {
      this.#line.ask(request, response, () => answered(() => show(authorized(), query)));
    } else {
      const message = `Unknown path components: ${request.url ?? ""}`;
      this.#line.ask(request, response, () => new GraphError(2500, { message }).toReply());
    }
  }

  close(): void {
    this.accounts.close();
    this.#timers.close();
  }

  #take(account: CloudAccount, body: string): Reply {
    const read = readReceipt(body);
    if (read === null) return send(account, body, (id) => this.#network.files.facts(id));
    this.#network.seen.push({ account: account.registration.phone, of: read });
    return { status: 200, body: { success: true } };
  }

  /** @throws GraphError unless the token is that of some account. */
  #anyAccount(header: string | undefined): void {
    const token = /^Bearer\s+(\S+)$/i.exec(header ?? "")?.[1];
    if (!this.accounts.list().some(({ registration }) => registration.access_token === token))
      throw new GraphError(190);
  }

  #serveFile(id: string, request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const file = this.#network.files.get(id);
    try {
      this.#anyAccount(request.headers.authorization);
      response.writeHead(file ? 200 : 404, { "content-type": file?.content_type ?? "text/plain" });
      response.end(file?.content ?? "");
    } catch {
      response.writeHead(401).end();
    }
  }

  /** @throws GraphError */
  #authorize(id: string, method: string, header: string | undefined): CloudAccount {
    const token = /^Bearer\s+(\S+)$/i.exec(header ?? "")?.[1];
    const account = this.accounts.get(id);
    if (token !== undefined && account?.registration.access_token === token) return account;
    // A good token of another account sees nothing here; any other is no token at all.
    const isKnown = this.accounts.list().some(({ registration }) => registration.access_token === token);
    throw token !== undefined && isKnown ? unknownObject(id, method) : new GraphError(190);
  }
}

function answered(handle: () => Reply): Reply {
  try {
    return handle();
  } catch (error) {
    if (error instanceof GraphError) return error.toReply();
    throw error;
  }
}

function upload(_account: CloudAccount, form: Form, files: FileShelf): Reply {
  const { fields, file } = form;
  if (fields["messaging_product"] !== "whatsapp" || file === null)
    throw new GraphError(100, { details: "messaging_product and file are required." });
  const { id } = files.put(file.content, { contentType: fields["type"] ?? file.type, filename: file.name });
  return { status: 200, body: { id } };
}

/** Where a file is, as Meta tells it: valid for some minutes there. */
function locate(facts: FileFacts | undefined, origin: string): Reply {
  if (facts === undefined) throw new GraphError(100);
  const { id, content_type: mime_type, sha256, bytes: file_size } = facts;
  const url = `${origin}/cloud/files/${id}`;
  return { status: 200, body: { messaging_product: "whatsapp", url, mime_type, sha256, file_size, id } };
}

function send(account: CloudAccount, body: string, find: FindUpload): Reply {
  const message = readMessage(body, account.templates, find);
  const id = account.accept(message);
  return {
    status: 200,
    body: {
      messaging_product: "whatsapp",
      contacts: [{ input: message.input, wa_id: message.to }],
      messages: [{ id, message_status: "accepted" }],
    },
  };
}

function show(account: CloudAccount, query: string): Reply {
  const wanted = (new URLSearchParams(query).get("fields") ?? shownByDefault).split(",");
  const known = phoneNumber(account);
  const unknown = wanted.find((field) => !(field in known));
  if (unknown !== undefined)
    throw new GraphError(100, {
      message: `(#100) Tried accessing nonexisting field (${unknown}) on node type (WhatsAppBusinessPhoneNumber)`,
    });
  const body = Object.fromEntries([...wanted, "id"].map((field) => [field, known[field]]));
  return { status: 200, body };
}
