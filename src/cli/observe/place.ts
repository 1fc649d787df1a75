/**
 * Where a snapshot is to be had: the url of a monitor, a file, or standard input.
 */
import { DEFAULT_URL } from "../catalog.js";
import { UsageError } from "../failure.js";

/** A place of snapshots. `asked` is what the user calls it. */
export type Place =
  | { readonly kind: "url"; readonly url: URL; readonly asked: string }
  | { readonly kind: "file"; readonly path: string; readonly asked: string }
  | { readonly kind: "stdin"; readonly asked: string };

const HOST_AND_PORT = /^(?:[\w.-]+|\[[\da-fA-F:.]+\])?:\d+(?:\/|$)/;

function urlOf(text: string): URL | null {
  const whole = HOST_AND_PORT.test(text)
    ? `http://${text.startsWith(":") ? "127.0.0.1" : ""}${text}`
    : text;
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(whole)) return null;
  if (!URL.canParse(whole)) throw new UsageError(`${JSON.stringify(text)} is no url`);
  const url = new URL(whole);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new UsageError(`${JSON.stringify(text)} is no url of http or https`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError("a url with a name or password cannot be used");
  }
  if (!url.pathname.endsWith(".json")) {
    url.pathname += url.pathname.endsWith("/") ? "snapshot.json" : "/snapshot.json";
  }
  return url;
}

/** Where a monitor is. Nothing given: the default. @throws {UsageError} */
export function monitorPlace(text = DEFAULT_URL): Place & { readonly kind: "url" } {
  const url = urlOf(text);
  if (url === null) throw new UsageError(`${JSON.stringify(text)} is no url`);
  return { kind: "url", url, asked: url.origin + url.pathname };
}

/** Where a snapshot is. Nothing given: the default monitor. @throws {UsageError} */
export function snapshotPlace(text = DEFAULT_URL): Place {
  if (text === "-") return { kind: "stdin", asked: "standard input" };
  return urlOf(text) === null ? filePlace(text) : monitorPlace(text);
}

/** A file with a snapshot. */
export function filePlace(path: string): Place & { readonly kind: "file" } {
  return { kind: "file", path, asked: path };
}
