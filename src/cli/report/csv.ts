/**
 * Comma-separated values as RFC 4180 quotes them, with line feeds alone between rows.
 */

/** A value of one cell; null and undefined are empty. */
export type Cell = string | number | boolean | null | undefined;

function quotedCell(cell: Cell): string {
  const text = cell === null || cell === undefined ? "" : String(cell);
  // Blanks at the ends are quoted too: some readers drop them.
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows as text. */
export function csv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(quotedCell).join(",")}\n`).join("");
}
