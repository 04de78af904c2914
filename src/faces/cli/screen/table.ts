/** Aligned columns that fit the screen. */
import { printable, type Screen, shorten, widthOf } from "./screen.ts";

export interface Column<Row> {
  readonly head: string;
  readonly text: (row: Row) => string;
  readonly align?: "right";
  /** May be cut in its middle when the screen is narrow; without it the column is never cut. */
  readonly shrinks?: true;
  /** Is left out when the screen is narrower than the rest needs; higher numbers go first. */
  readonly dispensable?: number;
  readonly style?: "dim" | "bold";
  /** A number between 0 and 1 to be drawn as a bar instead of the text. */
  readonly bar?: (row: Row) => number;
}

const barColumns = 12;
const shrunkMin = 8;
const gap = "  ";

interface Laid<Row> {
  readonly column: Column<Row>;
  readonly width: number;
}

/** Lines without a newline at the end; no rows, no lines. */
export function tableOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[], screen: Screen): string {
  if (rows.length === 0) return "";
  const laid = fit(
    columns.map((column) => ({ column, width: naturalWidth(column, rows) })),
    screen.columns,
  );
  const head = laid.map(({ column, width }) => screen.style("dim", cell(column.bar ? "" : column.head, width, column.align)));
  const lines = rows.map((row) => laid.map((one) => bodyCell(one, row, screen)));
  return [head, ...lines].map((cells) => cells.join(gap).trimEnd()).join("\n");
}

function naturalWidth<Row>(column: Column<Row>, rows: readonly Row[]): number {
  if (column.bar) return barColumns;
  return rows.reduce((width, row) => Math.max(width, widthOf(printable(column.text(row)))), widthOf(column.head));
}

/** First leaves out what is dispensable, then cuts what may shrink. */
function fit<Row>(laid: readonly Laid<Row>[], columns: number): readonly Laid<Row>[] {
  const total = totalOf(laid);
  if (total <= columns) return laid;
  const shrinkable = laid.filter(({ column }) => column.shrinks);
  const room = shrinkable.reduce((sum, { width }) => sum + Math.max(0, width - shrunkMin * 2), 0);
  const worst = laid.reduce((max, { column }) => Math.max(max, column.dispensable ?? 0), 0);
  if (worst > 0 && total - room > columns)
    return fit(
      laid.filter(({ column }) => column.dispensable !== worst),
      columns,
    );
  return shrink(laid, total - columns);
}

/** The widest gives first. */
function shrink<Row>(laid: readonly Laid<Row>[], excess: number): readonly Laid<Row>[] {
  const widths = laid.map(({ width }) => width);
  for (let left = excess; left > 0; left--) {
    const able = laid.map(({ column }, index) => (column.shrinks ? (widths[index] as number) : 0));
    const widest = able.indexOf(Math.max(...able));
    if ((able[widest] ?? 0) <= shrunkMin) break;
    widths[widest] = (widths[widest] as number) - 1;
  }
  return laid.map(({ column }, index) => ({ column, width: widths[index] as number }));
}

function totalOf<Row>(laid: readonly Laid<Row>[]): number {
  return laid.reduce((sum, { width }) => sum + width, 0) + gap.length * (laid.length - 1);
}

function bodyCell<Row>({ column, width }: Laid<Row>, row: Row, screen: Screen): string {
  if (column.bar) return screen.bar(column.bar(row), width);
  const text = cell(shorten(printable(column.text(row)), width), width, column.align);
  return column.style ? screen.style(column.style, text) : text;
}

function cell(text: string, width: number, align: "right" | undefined): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "right" ? space + text : text + space;
}
