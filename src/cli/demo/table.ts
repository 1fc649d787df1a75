/**
 * Tables as text: the first column to the left, all others to the right.
 */

/** The lines of a table, its head first. */
export function tableLines(rows: readonly (readonly (string | number)[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries())
      widths[at] = Math.max(widths[at] ?? 0, String(cell).length);
  }
  return rows.map((row) =>
    row
      .map((cell, at) => {
        const width = widths[at] as number;
        return at === 0 ? String(cell).padEnd(width) : String(cell).padStart(width);
      })
      .join("  ")
      .trimEnd(),
  );
}
