/**
 * A table within the width of a terminal: which columns there is room for, how wide they are, and the order
 * of rows.
 */
import { type Line, type Piece, piece } from "../terminal/line.js";
import { fit } from "../terminal/text.js";
import type { Column } from "./columns.js";

/** A column and the width it has got. */
export interface Placed<Row> {
  readonly column: Column<Row>;
  readonly width: number;
}

/**
 * The columns that fit, side by side with a space between: those of the greatest rank go first, one by one.
 * What is left over goes to those that can be wider.
 */
export function placed<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): readonly Placed<Row>[] {
  const needed = (kept: readonly Column<Row>[]): number =>
    kept.reduce((sum, column) => sum + column.width + 1, -1);
  let kept = columns;
  while (needed(kept) > width && kept.length > 1) {
    const last = kept.reduce((one, other) => (other.rank >= one.rank ? other : one));
    kept = kept.filter((column) => column !== last);
  }
  let spare = Math.max(0, width - needed(kept));
  return kept.map((column) => {
    const more = Math.min(spare, Math.max(0, (column.widest?.(rows) ?? 0) - column.width));
    spare -= more;
    return { column, width: column.width + more };
  });
}

function joined(pieces: readonly Piece[], gap: Piece): Line {
  return pieces.flatMap((each, at) => (at === 0 ? [each] : [gap, each]));
}

/** The line of titles. */
export function titles<Row>(columns: readonly Placed<Row>[], sorted: string): Line {
  const cells = columns.map(({ column, width }) =>
    piece(
      fit(column.title, width, column.left !== true),
      column.title === sorted ? "sorted" : "head",
    ),
  );
  return joined(cells, piece(" ", "head"));
}

/** The line of a row. */
export function rowLine<Row>(columns: readonly Placed<Row>[], row: Row, ascii: boolean): Line {
  const cells = columns.map(({ column, width }) => {
    const text = column.show(row, width, ascii);
    return piece(
      fit(text, width, column.left !== true, ascii ? "~" : "…"),
      column.style?.(row) ?? "plain",
    );
  });
  return joined(cells, piece(" "));
}

/** The rows in the order of a column. Equal ones stay as they came; null comes last either way. */
export function inOrder<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  title: string,
  reversed: boolean,
): readonly Row[] {
  const by = columns.find((column) => column.title === title)?.by;
  if (by === undefined) return rows;
  const sign = reversed ? -1 : 1;
  return rows
    .map((row) => ({ row, value: by(row) }))
    .sort(({ value: one }, { value: other }) => {
      if (one === null || other === null) return Number(one === null) - Number(other === null);
      if (typeof one === "number") return sign * ((other as number) - one);
      return sign * (one < other ? -1 : one > other ? 1 : 0);
    })
    .map(({ row }) => row);
}
