/**
 * The files of the page: all that is served from disk, read once, when the first monitor starts.
 *
 * What was asked for is looked up in this table and never becomes a path, so no request can reach another
 * file. Browsers ask again each time (`no-cache`) and get 304 while the digest is the same.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

/** One file as it is sent. */
export interface PageFile {
  readonly body: Buffer;
  readonly contentType: string;
  /** Value of the header `ETag`. */
  readonly etag: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
};

/** The folder beside this file that `npm run build` fills. */
const FOLDER = new URL("./page/", import.meta.url);

let files: ReadonlyMap<string, PageFile> | null = null;

function readFiles(): ReadonlyMap<string, PageFile> {
  const found = new Map<string, PageFile>();
  for (const name of readdirSync(FOLDER)) {
    const contentType = CONTENT_TYPES[/\.([a-z]+)$/.exec(name)?.[1] ?? ""];
    if (contentType === undefined) continue;
    const body = readFileSync(new URL(name, FOLDER));
    const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
    found.set(name === "index.html" ? "/" : `/page/${name}`, { body, contentType, etag });
  }
  return found;
}

/** All files by the path they are asked for: the page itself is `/`, the others are below `/page/`. */
export function pageFiles(): ReadonlyMap<string, PageFile> {
  files ??= readFiles();
  return files;
}
