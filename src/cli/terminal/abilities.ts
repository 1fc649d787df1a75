/**
 * What may be sent to a stream: colours, drawing, characters beyond ASCII. Decided by the stream and the
 * environment alone, in one place, so that all commands agree.
 */

/** The part of a stream that matters. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** Variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a stream is a terminal that can be drawn on. */
export function isTerminal(output: Output, env: Environment): boolean {
  return output.isTTY === true && env["TERM"] !== "dumb";
}

/**
 * Whether to colour: never with NO_COLOR; with FORCE_COLOR (unless it is 0 or false) even where there is no
 * terminal; else on a terminal.
 */
export function wantsColor(output: Output, env: Environment): boolean {
  if (env["NO_COLOR"]) return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return isTerminal(output, env);
}

/** Whether the locale says that only ASCII can be shown. Windows and macOS terminals take UTF-8. */
export function wantsAscii(env: Environment, platform: string): boolean {
  if (platform === "win32" || platform === "darwin") return false;
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return !/utf-?8/i.test(locale);
}

/** Columns and rows of a terminal; what it does not know is 80 by 24. */
export function sizeOf(output: Output): { readonly columns: number; readonly rows: number } {
  return { columns: output.columns || 80, rows: output.rows || 24 };
}
