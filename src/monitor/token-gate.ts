/**
 * Who may look, when a token is asked for.
 *
 * The token comes in `Authorization: Bearer …` (programs), or once as `?token=…` (people), which is answered
 * with a cookie that scripts cannot read and other sites cannot send. The cookie holds a secret of its own,
 * so that the token is nowhere but with those who were told it. Everything is compared by digests, in
 * a time that says nothing about where two texts differ.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** What a request shows at the gate. */
export interface Credentials {
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  /** The parameter `token` of its address. */
  readonly parameter: string | null;
}

/** `no`: nothing that fits; `yes`; `by-parameter`: a person who came with the token in the address. */
export type Verdict = "no" | "yes" | "by-parameter";

/** The gate of one server. */
export class TokenGate {
  readonly #token: Buffer | null;
  readonly #session: string;
  readonly #sessionDigest: Buffer;
  readonly #cookieName: string;

  /** @param token null lets everybody in. @param port tells apart cookies of servers on one host. */
  constructor(token: string | null, port: number) {
    this.#token = token === null ? null : digest(token);
    this.#session = randomBytes(24).toString("base64url");
    this.#sessionDigest = digest(this.#session);
    this.#cookieName = `lookaside-monitor-${port}`;
  }

  /** Value of the header `Set-Cookie` for who came by parameter. */
  get cookie(): string {
    return `${this.#cookieName}=${this.#session}; Path=/; HttpOnly; SameSite=Strict`;
  }

  judge({ authorization, cookie, parameter }: Credentials): Verdict {
    const token = this.#token;
    if (token === null) return "yes";
    const bearer = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
    if (bearer !== undefined && timingSafeEqual(digest(bearer), token)) return "yes";
    const session = this.#sessionOf(cookie);
    if (session !== undefined && timingSafeEqual(digest(session), this.#sessionDigest))
      return "yes";
    if (parameter !== null && timingSafeEqual(digest(parameter), token)) return "by-parameter";
    return "no";
  }

  #sessionOf(cookie: string | undefined): string | undefined {
    const prefix = `${this.#cookieName}=`;
    const pair = (cookie ?? "").split(";").map((part) => part.trim());
    return pair.find((part) => part.startsWith(prefix))?.slice(prefix.length);
  }
}
