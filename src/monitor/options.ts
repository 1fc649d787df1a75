/**
 * Options of a monitor, checked and completed.
 *
 * Who may look is decided here: a monitor listens on the loopback of this machine unless it was told another
 * address in so many words, and then it has a token, or it does not start.
 */
import { isIP } from "node:net";
import { LookasideError, onlyKnown, show, truthValue, wholeNumber } from "../base/index.js";
import { hostNameOf, isLoopback } from "./host-names.js";

/** The port of a monitor that was told none. */
export const MONITOR_PORT = 4470;

/** How a monitor is served. */
export interface MonitorOptions {
  /** 0 to 65,535; 0 lets the host choose a free one. Default 4470. */
  readonly port?: number;
  /**
   * Address or name to listen on. Default `"127.0.0.1"`. Anything but loopback needs a `token`, and what
   * is sent can be read on the way: there is no TLS here, so put a tunnel or a proxy before it.
   */
  readonly host?: string;
  /**
   * Whoever knows it may look: 16 to 256 printable characters of ASCII without spaces. Sent as
   * `Authorization: Bearer …`, or once as `?token=…`, which leaves a cookie. Default: none is asked for.
   */
  readonly token?: string;
  /** Further names by which browsers reach it, through a proxy for instance. Default none. */
  readonly hostNames?: readonly string[];
  /** Milliseconds between two snapshots while somebody watches: 100 to 60,000. Default 500. */
  readonly periodMs?: number;
  /** Heading of the page: up to 64 characters. Default `"lookaside"`. */
  readonly title?: string;
  /** True: the monitor alone does not keep the program running. Default false. */
  readonly unref?: boolean;
}

/** The same with nothing left open. */
export interface CompleteOptions {
  readonly port: number;
  readonly host: string;
  readonly token: string | null;
  readonly hostNames: readonly string[];
  readonly periodMs: number;
  readonly title: string;
  readonly unref: boolean;
}

const KNOWN = ["port", "host", "token", "hostNames", "periodMs", "title", "unref"];
const [TOKEN_MIN, TOKEN_MAX] = [16, 256] as const;
const TITLE_MAX = 64;

function refuse(message: string): never {
  throw new LookasideError("ERR_OPTION", message);
}

/** A host as `Host` headers name it. @throws {LookasideError} ERR_OPTION */
function hostName(option: string, value: unknown): string {
  if (typeof value === "string") {
    const bare = isIP(value) === 6 ? `[${value}]` : value;
    if (value.length <= 253 && hostNameOf(bare) === bare.toLowerCase()) return value.toLowerCase();
  }
  const bound =
    "it must be an IP address or a name of at most 253 letters, digits, dots and dashes";
  return refuse(`Cannot use ${show(value)} as ${option}: ${bound}`);
}

/** A token. A refusal tells how long it was, and never what it was. @throws {LookasideError} ERR_OPTION */
function tokenOf(value: unknown): string {
  const bound = `it must be ${TOKEN_MIN} to ${TOKEN_MAX} printable characters of ASCII without spaces`;
  if (typeof value !== "string") return refuse(`Cannot use ${show(value)} as token: ${bound}`);
  const fits = value.length >= TOKEN_MIN && value.length <= TOKEN_MAX;
  if (fits && /^[!-~]+$/.test(value)) return value;
  return refuse(`Cannot use a text of ${value.length} characters as token: ${bound}`);
}

function titleOf(value: unknown): string {
  if (typeof value === "string" && value.length >= 1 && value.length <= TITLE_MAX) return value;
  return refuse(`Cannot use ${show(value)} as title: it must be 1 to ${TITLE_MAX} characters`);
}

/** Checks options and fills in the defaults. @throws {LookasideError} ERR_OPTION */
export function completeOptions(options: unknown): CompleteOptions {
  if (typeof options !== "object" || options === null) {
    return refuse(`Cannot serve a monitor with ${show(options)}: options are an object`);
  }
  onlyKnown("a monitor", options, KNOWN, { hidesValues: true }); // one may be a token
  const given = options as MonitorOptions;
  const host = hostName("host", given.host ?? "127.0.0.1");
  const token = given.token === undefined ? null : tokenOf(given.token);
  if (!isLoopback(host) && token === null) {
    refuse(`Cannot listen on ${show(host)} without a token: only loopback needs none`);
  }
  const hostNames = given.hostNames ?? [];
  if (!Array.isArray(hostNames)) {
    refuse(`Cannot use ${show(hostNames)} as hostNames: it must be an array of names`);
  }
  return {
    port: wholeNumber("port", given.port ?? MONITOR_PORT, 0, 65_535),
    host,
    token,
    hostNames: hostNames.map((name: unknown) => hostName("hostNames", name)),
    periodMs: wholeNumber("periodMs", given.periodMs ?? 500, 100, 60_000),
    title: titleOf(given.title ?? "lookaside"),
    unref: truthValue("unref", given.unref ?? false),
  };
}
