/**
 * Headers that every answer carries, whatever it is: what a browser may do with it.
 *
 * The page may load its own scripts and styles from this server and talk to this server; nothing else, not
 * even an image from elsewhere. No text can become code: there is no inline script, no `eval`, and trusted
 * types are required while none can be made, so that `innerHTML` throws in the page itself. Nobody may put
 * it in a frame or embed its data, and no answer is kept.
 */

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** By their names in lower case. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), usb=()",
  "x-dns-prefetch-control": "off",
  "cache-control": "no-store",
};

/** What of a request tells where it comes from, as the browser itself says. */
export interface FetchMetadata {
  readonly site: string | undefined;
  readonly mode: string | undefined;
  readonly destination: string | undefined;
}

/**
 * Whether a page of another site sent this request, other than by a link that a person followed. Programs
 * and old browsers do not say, and are judged by the rest.
 */
export function isFromElsewhere({ site, mode, destination }: FetchMetadata): boolean {
  if (site === undefined || site === "same-origin" || site === "none") return false;
  return !(mode === "navigate" && destination === "document");
}
