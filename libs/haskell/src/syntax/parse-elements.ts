import type { Element, Field, FieldLine } from './elements.js';
import { HaskellFileError } from './source-error.js';
import { sourceLines, type SourceLine } from './source-lines.js';

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.'-]*/;

/**
 * Parses a *.cabal or cabal.project file into its fields and sections.
 * @param text the file's content
 * @param file its name, for messages
 * @throws HaskellFileError with the line at which the syntax is broken
 */
export function parseElements(text: string, file: string): Element[] {
  return new ElementParser(sourceLines(text), file).parseFile();
}

/**
 * Recursive descent over significant lines. `column` is the offset into the current line's text; 0 means that the line
 * has not been begun, so its indentation decides where it belongs.
 */
class ElementParser {
  private index = 0;
  private column = 0;

  constructor(
    private readonly lines: readonly SourceLine[],
    private readonly file: string,
  ) {}

  parseFile(): Element[] {
    const elements = this.parseSiblings(0);
    const rest = this.current();
    if (rest !== undefined) throw this.error(rest.line, 'a closing brace without an opening one', 'Remove the brace.');
    return elements;
  }

  /** Elements that begin a line at `minimum` indentation or deeper, or that follow a brace on its line. */
  private parseSiblings(minimum: number): Element[] {
    const elements: Element[] = [];
    for (;;) {
      const line = this.current();
      if (line === undefined) return elements;
      if (this.rest(line).startsWith('}')) return elements;
      const atLineStart = this.column === 0;
      if (atLineStart && line.indent < minimum) return elements;
      elements.push(this.parseElement(line, atLineStart));
    }
  }

  private parseElement(line: SourceLine, layout: boolean): Element {
    const name = NAME.exec(this.rest(line))?.[0];
    if (name === undefined) {
      throw this.error(
        line.line,
        `expected a field or section, found "${this.rest(line)}"`,
        'A line that continues a field must be indented deeper than the name of the field.',
      );
    }
    this.column += name.length;
    this.skipBlanks(line);
    if (this.rest(line).startsWith(':')) {
      this.advance(line, 1);
      const lines = this.parseFieldLines(line, layout);
      return { kind: 'field', name: name.toLowerCase(), lines, line: line.line };
    }
    const argument = this.parseArgument(line);
    const children = this.parseSectionBody(line, layout);
    return { kind: 'section', name: name.toLowerCase(), argument, children, line: line.line };
  }

  private parseSectionBody(opener: SourceLine, layout: boolean): Element[] {
    if (!this.openBrace()) {
      if (layout) return this.parseSiblings(opener.indent + 1);
      throw this.error(opener.line, 'a section inside braces needs braces of its own', 'Add { and }.');
    }
    const children = this.parseSiblings(0);
    const closing = this.current();
    if (closing === undefined) throw this.error(opener.line, 'this brace is never closed', 'Add the missing }.');
    this.advance(closing, 1);
    return children;
  }

  private parseFieldLines(opener: SourceLine, layout: boolean): Field['lines'] {
    if (this.openBrace()) return this.parseBracedLines(opener);
    if (!layout) {
      if (this.column === 0) return [];
      const end = this.rest(opener).indexOf('}');
      const text = end === -1 ? this.rest(opener) : this.rest(opener).slice(0, end);
      this.advance(opener, text.length);
      return nonEmpty([{ text: text.trim(), line: opener.line }]);
    }
    const lines: FieldLine[] = [];
    if (this.column > 0) {
      lines.push({ text: this.rest(opener).trim(), line: opener.line });
      this.nextLine();
    }
    for (let line = this.current(); line !== undefined && line.indent > opener.indent; line = this.current()) {
      lines.push({ text: line.text, line: line.line });
      this.nextLine();
    }
    return nonEmpty(lines);
  }

  private parseBracedLines(opener: SourceLine): FieldLine[] {
    const lines: FieldLine[] = [];
    for (let line = this.current(); line !== undefined; line = this.current()) {
      const end = this.rest(line).indexOf('}');
      const text = end === -1 ? this.rest(line) : this.rest(line).slice(0, end);
      lines.push({ text: text.trim(), line: line.line });
      this.advance(line, text.length + (end === -1 ? 0 : 1));
      if (end !== -1) return nonEmpty(lines);
    }
    throw this.error(opener.line, 'this brace is never closed', 'Add the missing }.');
  }

  /** The section's argument: the rest of the line up to a brace or a comment, both outside of string literals. */
  private parseArgument(line: SourceLine): string {
    const rest = this.rest(line);
    const length = /^(?:"(?:[^"\\]|\\.)*"|(?!\s--)[^{}"])*/.exec(rest)?.[0].length ?? 0;
    const isComment = /^\s*--/.test(rest.slice(length)) || rest.startsWith('--');
    this.advance(line, isComment ? rest.length : length);
    return rest.startsWith('--') ? '' : rest.slice(0, length).trim();
  }

  /** Takes an opening brace here, or at the start of the next line. */
  private openBrace(): boolean {
    const line = this.current();
    if (line === undefined) return false;
    this.skipBlanks(line);
    if (!this.rest(line).startsWith('{')) return false;
    this.advance(line, 1);
    return true;
  }

  private current(): SourceLine | undefined {
    return this.lines[this.index];
  }

  private rest(line: SourceLine): string {
    return line.text.slice(this.column);
  }

  private skipBlanks(line: SourceLine): void {
    while (/^\s/.test(line.text.slice(this.column))) this.column += 1;
  }

  /** Moves on by `count` characters, and to the next line when nothing but blanks is left of this one. */
  private advance(line: SourceLine, count: number): void {
    this.column += count;
    if (line.text.slice(this.column).trim() === '') this.nextLine();
    else this.skipBlanks(line);
  }

  private nextLine(): void {
    this.index += 1;
    this.column = 0;
  }

  private error(line: number, problem: string, hint: string): HaskellFileError {
    return new HaskellFileError({ file: this.file, line }, problem, hint);
  }
}

function nonEmpty(lines: FieldLine[]): FieldLine[] {
  return lines.filter((line) => line.text !== '');
}
