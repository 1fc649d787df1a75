/**
 * Which names a request may call this server by.
 *
 * A page of another site can point a name of its own at 127.0.0.1 and then read whatever a loopback server
 * answers, for the browser holds both for one site (DNS rebinding). It cannot choose the `Host` header,
 * which carries that name: so a server that answers only to names it knows cannot be read. Ports are not
 * compared, so that a tunnel from another port works: a name is what rebinding needs.
 */
import { isIP, isIPv4 } from "node:net";

/** Names of this machine's own loopback. */
const LOOPBACK = ["localhost", "127.0.0.1", "::1"] as const;

/** Addresses that stand for every interface. */
const EVERYWHERE = ["0.0.0.0", "::"] as const;

/** `[::1]` for `::1`, everything else as it is: the form in URLs and `Host` headers. */
export function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}

/** Whether only this machine can reach an address or name. */
export function isLoopback(host: string): boolean {
  if (isIPv4(host)) return host.startsWith("127.");
  return (LOOPBACK as readonly string[]).includes(host) || host.startsWith("::ffff:127.");
}

/** The name in a `Host` header, in lower case and without its port; null when it is none. */
export function hostNameOf(header: string | undefined): string | null {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}))?$/i.exec(
    header ?? "",
  );
  if (match === null || Number(match[3] ?? 0) > 65_535) return null;
  return (match[1] as string).toLowerCase();
}

/** The names one server answers to. */
export class HostNames {
  readonly #names: ReadonlySet<string>;
  readonly #everywhere: boolean;

  constructor(host: string, others: readonly string[]) {
    this.#names = new Set([...LOOPBACK, host, ...others].map(bracketed));
    this.#everywhere = (EVERYWHERE as readonly string[]).includes(host);
  }

  /**
   * Whether a `Host` header names this server. `localAddress` is where the connection arrived: one that
   * listens everywhere answers to that address too, for an address cannot be pointed elsewhere.
   */
  has(header: string | undefined, localAddress: string | undefined): boolean {
    const name = hostNameOf(header);
    if (name === null) return false;
    if (this.#names.has(name)) return true;
    if (!this.#everywhere || localAddress === undefined) return false;
    return name === bracketed(localAddress.replace(/^::ffff:(?=\d+\.)/, ""));
  }
}
