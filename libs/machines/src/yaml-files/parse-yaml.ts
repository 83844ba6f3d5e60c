import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { YamlFileError, type YamlProblem } from './errors.js';
import { positionOf, type YamlPath } from './positions.js';
import { describeIssue } from './zod-issues.js';

/** A YAML file that has been read and found valid, with the means to point at places in it. */
export interface ParsedYaml<T> {
  readonly file: string;
  readonly text: string;
  readonly document: Document.Parsed;
  readonly value: T;
  /** A problem at the given path (at the key, where the path ends in one), ready to be thrown in a YamlFileError. */
  problemAt(path: YamlPath, message: string, fix: string): YamlProblem;
}

/**
 * Parses and validates a YAML text.
 * @param file how errors name the file.
 * @throws YamlFileError with all syntax errors, or else all violations of the schema.
 */
export function parseYaml<S extends z.ZodType>(file: string, text: string, schema: S): ParsedYaml<z.output<S>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    throw new YamlFileError(
      file,
      document.errors.map((error) => ({
        ...position(lines, error.pos[0]),
        message: error.message,
        fix: 'Mend the YAML syntax at that line (indentation is by spaces).',
      })),
    );
  const at = (path: YamlPath): { line: number; column: number } => position(lines, positionOf(document, path));
  const parsed = schema.safeParse(document.toJS() ?? {}, { reportInput: true });
  if (!parsed.success)
    throw new YamlFileError(
      file,
      parsed.error.issues
        .flatMap((issue) => describeIssue(schema, issue))
        .map(({ path, message, fix }) => ({ ...at(path), message, fix })),
    );
  return {
    file,
    text,
    document,
    value: parsed.data,
    problemAt: (path, message, fix) => ({ ...at(path), message, fix }),
  };
}

function position(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
