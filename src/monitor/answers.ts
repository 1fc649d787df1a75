/**
 * What a request is answered: the one function through which every answer goes.
 *
 * In this order, and the first that applies is the answer: a name that is not ours (421), a request that
 * another site's page sent (403), a method that changes something (405), no token (401), no such path (404).
 * So who may not look learns nothing but that.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { LookasideError } from "../base/index.js";
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from "../metrics/index.js";
import type { System } from "../system/index.js";
import type { EventStream } from "./event-stream.js";
import type { HostNames } from "./host-names.js";
import { type PageFile, pageFiles } from "./page-files.js";
import { isFromElsewhere, SECURITY_HEADERS } from "./security-headers.js";
import type { TokenGate } from "./token-gate.js";

const TEXT = "text/plain; charset=utf-8";

/** What answers are made of. */
export interface AnswerParts {
  readonly system: Pick<System, "snapshot">;
  readonly names: HostNames;
  readonly gate: TokenGate;
  readonly stream: EventStream;
}

/** Headers besides those that every answer has. */
type Headers = Readonly<Record<string, string | number>>;

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Headers,
): void {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  response.writeHead(status, { ...SECURITY_HEADERS, "content-length": bytes.length, ...headers });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

/** Says no, in one line, and reads nothing more from this connection. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  reason: string,
  headers: Headers = {},
): void {
  send(request, response, status, `${reason}\n`, {
    "content-type": TEXT,
    connection: "close",
    ...headers,
  });
}

/** The address of a request as path and parameters; null when it is none. */
function addressOf(request: IncomingMessage): URL | null {
  const target = request.url ?? "";
  if (!target.startsWith("/") || target.startsWith("//")) return null;
  try {
    return new URL(target, "http://monitor.invalid");
  } catch {
    return null;
  }
}

function sendFile(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  const headers = { etag: file.etag, "cache-control": "no-cache" };
  if (request.headers["if-none-match"] === file.etag) {
    response.writeHead(304, { ...SECURITY_HEADERS, ...headers });
    response.end();
    return;
  }
  send(request, response, 200, file.body, { ...headers, "content-type": file.contentType });
}

function sendStream(
  { stream }: AnswerParts,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (stream.isFull) {
    refuse(request, response, 503, "Too many watch already", { "retry-after": 5 });
    return;
  }
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    "content-type": "text/event-stream; charset=utf-8",
    "x-accel-buffering": "no",
  });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  stream.add(response);
}

/** `blocks=1` walks over all blocks; `list=<id>` leaves out all other lists. */
function sendSnapshot(
  { system }: AnswerParts,
  request: IncomingMessage,
  response: ServerResponse,
  parameters: URLSearchParams,
): void {
  const unknown = [...parameters.keys()].some(
    (name) => !["blocks", "list", "token"].includes(name),
  );
  const blocks = parameters.get("blocks") ?? "0";
  if (unknown || (blocks !== "0" && blocks !== "1")) {
    refuse(request, response, 400, "There are the parameters blocks=0, blocks=1 and list=<id>");
    return;
  }
  const id = parameters.get("list");
  const snapshot = system.snapshot({ blocks: blocks === "1" });
  const lists = id === null ? snapshot.lists : snapshot.lists.filter((list) => list.id === id);
  const headers = { "content-type": "application/json; charset=utf-8" };
  send(request, response, 200, JSON.stringify({ ...snapshot, lists }), headers);
}

function answerAdmitted(
  parts: AnswerParts,
  request: IncomingMessage,
  response: ServerResponse,
  { pathname, searchParams }: URL,
): void {
  const file = pageFiles().get(pathname);
  if (file !== undefined) {
    sendFile(request, response, file);
  } else if (pathname === "/events") {
    sendStream(parts, request, response);
  } else if (pathname === "/snapshot.json") {
    sendSnapshot(parts, request, response, searchParams);
  } else if (pathname === "/metrics") {
    const text = prometheusText(parts.system.snapshot());
    send(request, response, 200, text, { "content-type": PROMETHEUS_CONTENT_TYPE });
  } else {
    refuse(request, response, 404, "There are /, /events, /snapshot.json and /metrics");
  }
}

function answerKnown(
  parts: AnswerParts,
  request: IncomingMessage,
  response: ServerResponse,
  address: URL,
): void {
  const { authorization, cookie } = request.headers;
  const parameter = address.searchParams.get("token");
  const verdict = parts.gate.judge({ authorization, cookie, parameter });
  if (verdict === "no") {
    const reason =
      "A token is needed: send Authorization: Bearer …, or open this address with ?token=…";
    refuse(request, response, 401, reason, { "www-authenticate": 'Bearer realm="lookaside"' });
  } else if (verdict === "by-parameter" && address.pathname === "/") {
    const headers = { location: "./", "set-cookie": parts.gate.cookie };
    send(request, response, 303, "", headers); // the token leaves the address bar
  } else {
    answerAdmitted(parts, request, response, address);
  }
}

/** Answers one request. What fails on the way is answered too: 500, and what a `LookasideError` says. */
export function answer(
  parts: AnswerParts,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { headers, method, socket } = request;
  const address = addressOf(request);
  const metadata = {
    site: headers["sec-fetch-site"] as string | undefined,
    mode: headers["sec-fetch-mode"] as string | undefined,
    destination: headers["sec-fetch-dest"] as string | undefined,
  };
  try {
    if (!parts.names.has(headers.host, socket.localAddress)) {
      refuse(request, response, 421, "This server does not answer to that name");
    } else if (address === null) {
      refuse(request, response, 400, "The address must be a path");
    } else if (isFromElsewhere(metadata)) {
      refuse(request, response, 403, "Pages of other sites may not read this");
    } else if (method !== "GET" && method !== "HEAD") {
      refuse(request, response, 405, "There are GET and HEAD", { allow: "GET, HEAD" });
    } else {
      answerKnown(parts, request, response, address);
    }
  } catch (error) {
    const reason = error instanceof LookasideError ? error.message : "The snapshot failed";
    if (response.headersSent) response.destroy();
    else refuse(request, response, 500, reason);
  }
}
