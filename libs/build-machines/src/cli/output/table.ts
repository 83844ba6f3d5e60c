import Table from 'cli-table3';

/** The table's lines are plain spaces: it can be cut, sorted and searched by the usual tools. */
const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Narrower than this, in characters, the last column is left as it is: the terminal's own wrapping reads better. */
const LEAST_LAST_COLUMN = 16;

/**
 * A table with a heading line, for people; ends with a line break.
 * @param terminal where it is shown. The last column, which has the longest texts, is wrapped to what is left of a
 * terminal's width; what is not a terminal gets one line per row.
 */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  terminal: { readonly isTTY?: boolean; readonly columns?: number } = {},
): string {
  const before = headings
    .slice(0, -1)
    .map((heading, column) => widthOf([heading, ...rows.map((row) => row[column] ?? '')]));
  const left = (terminal.columns ?? 0) - before.reduce((sum, width) => sum + width + 2, 0);
  const wraps = terminal.isTTY === true && left >= LEAST_LAST_COLUMN;
  const table = new Table({
    head: headings.map((heading) => heading.toUpperCase()),
    chars: borderless,
    ...(wraps && { colWidths: [...before, left], wordWrap: true }),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) table.push([...row]);
  const lines = table.toString().split('\n');
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function widthOf(cells: readonly string[]): number {
  return Math.max(...cells.flatMap((cell) => cell.split('\n')).map((line) => line.length));
}
