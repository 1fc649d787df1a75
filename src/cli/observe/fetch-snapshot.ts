/**
 * Gets a snapshot from its place. Whatever goes wrong is a `CommandFailed` that names the place.
 */
import { readFileSync } from "node:fs";
import { text as textOfStream } from "node:stream/consumers";
import type { Snapshot } from "../../system/index.js";
import { TOKEN_VARIABLE } from "../catalog.js";
import { CommandFailed } from "../failure.js";
import { checkSnapshot, DamagedSnapshot } from "./check-snapshot.js";
import type { Place } from "./place.js";

/** How long a monitor may take to answer. */
const PATIENCE_MS = 10_000;

/** More than 20,000 lists of 255 threads need. */
const ANSWER_BYTES_MAX = 2 ** 30;

/** @param cancel ends the wait for an answer. @throws {CommandFailed} */
export async function fetchSnapshot(
  place: Place,
  cancel = new AbortController(),
): Promise<Snapshot> {
  const text = await textOf(place, cancel);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CommandFailed(`${place.asked} is no snapshot: it is no JSON`);
  }
  try {
    return checkSnapshot(value);
  } catch (error) {
    if (!(error instanceof DamagedSnapshot)) throw error;
    throw new CommandFailed(`${place.asked} is no snapshot that can be read: ${error.message}`);
  }
}

async function textOf(place: Place, cancel: AbortController): Promise<string> {
  if (place.kind === "url") return ask(place.url, place.asked, cancel);
  try {
    return place.kind === "file"
      ? readFileSync(place.path, "utf8")
      : await textOfStream(process.stdin);
  } catch (error) {
    throw new CommandFailed(`cannot read ${place.asked}: ${reasonOf(error)}`);
  }
}

async function ask(url: URL, asked: string, cancel: AbortController): Promise<string> {
  const token = process.env[TOKEN_VARIABLE];
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    cancel.abort();
  }, PATIENCE_MS);
  try {
    const response = await fetch(url, {
      headers: {
        accept: "application/json",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      redirect: "error",
      signal: cancel.signal,
    });
    if (!response.ok) throw new CommandFailed(refusal(response, asked));
    return await bodyOf(response, asked);
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    if (late) throw new CommandFailed(`no answer from ${asked} in ${PATIENCE_MS / 1_000} s`);
    throw new CommandFailed(`nothing answers at ${asked}: ${reasonOf(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

function refusal({ status, statusText, body }: Response, asked: string): string {
  body?.cancel().catch(() => {});
  const hint =
    status === 401 || status === 403
      ? `; its token belongs into the variable ${TOKEN_VARIABLE}`
      : "";
  return `${asked} answers ${`${status} ${statusText}`.trim()}${hint}`;
}

async function bodyOf(response: Response, asked: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new CommandFailed(`the answer of ${asked} does not end`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** What is at the bottom of an error, in few words. */
function reasonOf(error: unknown): string {
  let bottom = error as Error & { readonly code?: string };
  while (bottom.cause instanceof Error) bottom = bottom.cause;
  return bottom.message || bottom.code || String(error);
}
