import type { FieldLine } from '../syntax/elements.js';

/** One item of a list field and where it stands. */
export interface ListItem {
  readonly text: string;
  readonly line: number;
}

/**
 * Items of a list that is separated by commas or white space (Cabal's `VCat`, `FSep`): file names, module names,
 * options. An item may be a Haskell string literal; braces hold a glob's alternatives together.
 */
export function words(lines: readonly FieldLine[]): ListItem[] {
  const items: ListItem[] = [];
  for (const { text, line } of lines) {
    for (const match of text.matchAll(/"((?:[^"\\]|\\.)*)"|((?:\{[^}]*\}|[^\s,"])+)/g)) {
      const [, quoted, bare] = match;
      items.push({ text: quoted === undefined ? (bare ?? '') : unescape(quoted), line });
    }
  }
  return items;
}

/** Items of a list that is separated by commas outside of braces and parentheses (Cabal's `CommaVCat`). */
export function commaSeparated(lines: readonly FieldLine[]): ListItem[] {
  const items: ListItem[] = [];
  let text = '';
  let start: number | undefined;
  let depth = 0;
  const finish = (): void => {
    if (text.trim() !== '' && start !== undefined) items.push({ text: text.trim(), line: start });
    text = '';
    start = undefined;
  };
  for (const line of lines) {
    for (const char of line.text) {
      if ('({'.includes(char)) depth += 1;
      if (')}'.includes(char)) depth -= 1;
      if (char === ',' && depth === 0) finish();
      else {
        if (char.trim() !== '') start ??= line.line;
        text += char;
      }
    }
    text += ' ';
  }
  finish();
  return items;
}

function unescape(literal: string): string {
  return literal.replace(/\\(.)/g, '$1');
}
