import { request } from "undici";

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  /** Null when the text is no JSON. */
  readonly body: unknown;
}

export interface HttpCall {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly authorization?: string | undefined;
  /** Sent as it is when it is a text already. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @throws what undici throws when the connection breaks. */
export async function call({ method, url, authorization, body, signal }: HttpCall): Promise<HttpAnswer> {
  const response = await request(url, {
    method,
    headers: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.body.text();
  return { status: response.statusCode, text, body: parsed(text) };
}
