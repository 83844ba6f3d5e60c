import { isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { HaskellFileError } from '../syntax/source-error.js';

/**
 * Parses YAML and checks its shape.
 * @throws HaskellFileError with the line of the first syntax error or of the value that does not fit
 */
export function parseYaml<Shape extends z.ZodType>(text: string, file: string, shape: Shape): z.output<Shape> {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { merge: true, lineCounter, version: '1.2' });
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) {
    const line = syntaxError.linePos?.[0].line;
    const problem = syntaxError.message.split('\n')[0] ?? 'broken YAML';
    throw new HaskellFileError({ file, line }, problem, 'Mend the YAML syntax at this line.');
  }
  const parsed = shape.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.map(String) ?? [];
  const node = document.getIn(path, true);
  const offset = isScalar(node) ? node.range?.[0] : undefined;
  throw new HaskellFileError(
    { file, line: offset === undefined ? undefined : lineCounter.linePos(offset).line },
    `${path.join('.') || 'the document'}: ${issue?.message ?? 'is not what was expected'}`,
    'See the reference of this file format for what is allowed here.',
  );
}
