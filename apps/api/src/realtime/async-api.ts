import {
  bulkClientFrameSchema,
  channelsClientFrameSchema,
  channelsServerFrameSchema,
  channelsSubprotocol,
  connectionFrameSchema,
  crmEventSchema,
  jobFrameSchema,
} from "@pregonero/contracts";
import type { z } from "zod";
import { SchemaComponents, type Json } from "../http/schema-components.ts";

interface Frames {
  readonly options: readonly z.ZodObject[];
}

/** A way to speak at an address. */
interface Spoken {
  readonly address: string;
  readonly title: string;
  readonly description: string;
  readonly parameters?: Json;
  readonly query?: Json;
  /** By prefix of the messages' names. */
  readonly receives: Readonly<Record<string, Frames>>;
  readonly sends: Readonly<Record<string, Frames>>;
}

const jobs = { jobs: { options: [...jobFrameSchema.options, ...connectionFrameSchema.options] } };

const spoken: Readonly<Record<string, Spoken>> = {
  channels: {
    address: "/ws",
    title: "Native protocol",
    description: `Chosen by the subprotocol \`${channelsSubprotocol}\`. Channels of states and of numbered events.`,
    receives: { channels: channelsClientFrameSchema },
    sends: { channels: channelsServerFrameSchema },
  },
  events: {
    address: "/ws",
    title: "Bulk jobs and CRM events",
    description: "Without that subprotocol: flat frames about jobs, `{type, data}` frames about the tenant.",
    query: {
      type: "object",
      properties: {
        token: { type: "string", description: "API key or JWT, for clients that can set no header." },
        events: { type: "string", description: "`jobs`, `crm`, or both (the default) separated by a comma." },
      },
    },
    receives: { jobs: bulkClientFrameSchema },
    sends: { ...jobs, crm: crmEventSchema },
  },
  job: {
    address: "/ws/job/{job_id}",
    title: "One bulk job",
    description: "Subscribed to the job at once.",
    parameters: { job_id: { description: "Id of the job, a UUID." } },
    receives: { jobs: bulkClientFrameSchema },
    sends: jobs,
  },
};

/** The AsyncAPI 3 document of the WebSockets. Nothing in it is written by hand that the schemas say. */
export function asyncApiDocument(info: { version: string }): Json {
  const schemas = new SchemaComponents("draft-7");
  const messages: Record<string, Json> = {};
  const channels: Record<string, Json> = {};
  const operations: Record<string, Json> = {};
  for (const [name, way] of Object.entries(spoken)) {
    const received = addMessages(way.receives, messages, schemas, "input");
    const sent = addMessages(way.sends, messages, schemas, "output");
    channels[name] = channelOf(way, [...received, ...sent]);
    operations[`${name}.receive`] = operationOf("receive", name, received);
    operations[`${name}.send`] = operationOf("send", name, sent);
  }
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Pregonero in real time",
      version: info.version,
      description:
        "`send` is what the server sends. Sign in with an API key or a JWT: header, subprotocol `bearer.<token>`, `?token=`, or a first frame `auth` within 10 seconds.",
    },
    defaultContentType: "application/json",
    servers: {
      here: {
        host: "localhost:8000",
        protocol: "ws",
        description: "Wherever the API is; `wss` behind a proxy that speaks TLS.",
        security: ["bearer", "apiKey"].map((scheme) => ({ $ref: `#/components/securitySchemes/${scheme}` })),
      },
    },
    channels,
    operations,
    components: {
      messages,
      schemas: schemas.all,
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An API key (pgn_…) or a JWT." },
        apiKey: { type: "httpApiKey", name: "X-API-Key", in: "header" },
      },
    },
  };
}

/** @returns the names of the messages */
function addMessages(
  frames: Readonly<Record<string, Frames>>,
  messages: Record<string, Json>,
  schemas: SchemaComponents,
  io: "input" | "output",
): string[] {
  return Object.entries(frames).flatMap(([prefix, { options }]) =>
    options.map((schema) => {
      const name = `${prefix}.${nameOf(schema)}`;
      messages[name] = { name, payload: schemas.use(schema, io) };
      return name;
    }),
  );
}

/** After its `type`; a message's failure and a refusal of the bulk jobs contract have the same. */
function nameOf(schema: z.ZodObject): string {
  const type = schema.shape["type"] as z.ZodLiteral<string> | z.ZodEnum;
  const [first = ""] = "values" in type ? [...type.values] : type.options.map(String);
  const name = first.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
  return name === "Error" && "code" in schema.shape ? "Refusal" : name;
}

function channelOf(
  { address, title, description, parameters, query }: Spoken,
  names: readonly string[],
): Json {
  return {
    address,
    title,
    description,
    ...(parameters ? { parameters } : {}),
    messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    bindings: { ws: { method: "GET", ...(query ? { query } : {}) } },
  };
}

function operationOf(action: "send" | "receive", channel: string, names: readonly string[]): Json {
  return {
    action,
    channel: { $ref: `#/channels/${channel}` },
    messages: names.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` })),
  };
}
