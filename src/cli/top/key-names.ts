/**
 * Names of keys, from what `node:readline` makes of a terminal's bytes.
 */

/** What `node:readline` says of a key. */
export interface KeyPress {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
}

const NAMED = new Set([
  "up",
  "down",
  "pageup",
  "pagedown",
  "home",
  "end",
  "tab",
  "escape",
  "return",
  "backspace",
  "f1",
]);

/** The key as `state.ts` calls it: the character itself, a name, or "ctrl-" and a letter. */
export function keyName({ name = "", sequence = "", ctrl = false }: KeyPress): string {
  if (ctrl) return `ctrl-${name}`;
  if (name === "enter") return "return";
  return NAMED.has(name) ? name : sequence;
}
