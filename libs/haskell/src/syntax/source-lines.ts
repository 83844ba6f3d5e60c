/** One line that is neither blank nor a comment. */
export interface SourceLine {
  /** Width of the leading white space; a tab counts as one column, as Cabal's lexer counts it. */
  readonly indent: number;
  /** Without leading and trailing white space. */
  readonly text: string;
  /** 1-based. */
  readonly line: number;
}

/** Splits a file into its significant lines. Takes LF, CRLF and CR line ends and a byte order mark. */
export function sourceLines(text: string): SourceLine[] {
  const lines: SourceLine[] = [];
  text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .forEach((raw, index) => {
      const trimmed = raw.replace(/^[ \t\u00A0]+/, '');
      const content = trimmed.trimEnd();
      if (content === '' || content.startsWith('--')) return;
      lines.push({ indent: raw.length - trimmed.length, text: content, line: index + 1 });
    });
  return lines;
}
