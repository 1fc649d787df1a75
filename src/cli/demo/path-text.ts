/**
 * Paths as people read them. A path is bytes: it may hold anything but NUL, so what a terminal would obey
 * and what is not UTF-8 is shown by its number.
 */

/** The path in quotes, on one line, whatever it contains. */
export function showPath(path: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(path);
  } catch {
    // Byte by byte: characters beyond ASCII are shown by number too, since which are whole is not known.
    text = Array.from(path, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : hex(byte))).join(
      "",
    );
    return `"${escapeControls(text)}"`;
  }
  return `"${escapeControls(text.replaceAll("\\", "\\\\"))}"`;
}

function hex(code: number): string {
  return `\\x${code.toString(16).padStart(2, "0")}`;
}

/** Controls of ASCII and Latin 1, line separators, and the marks that turn the direction of writing. */
function escapeControls(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069"]/gu,
    (character) => {
      const code = character.codePointAt(0) as number;
      if (character === '"') return '\\"';
      if (character === "\n") return "\\n";
      if (character === "\r") return "\\r";
      if (character === "\t") return "\\t";
      return code < 0x100 ? hex(code) : `\\u${code.toString(16).padStart(4, "0")}`;
    },
  );
}
