import type { z } from 'zod';
import { HaskellFileError } from '../syntax/source-error.js';
import { readYaml, type YamlContent } from './read-yaml.js';

/**
 * Parses YAML and checks its shape.
 * @throws HaskellFileError with the line of the first syntax error or of the value that does not fit
 */
export function parseYaml<Shape extends z.ZodType>(text: string, file: string, shape: Shape): z.output<Shape> {
  return checkShape(readYaml(text, file), file, shape);
}

/**
 * Checks the shape of what a YAML file says.
 * @throws HaskellFileError with the line of the value that does not fit
 */
export function checkShape<Shape extends z.ZodType>(
  content: Pick<YamlContent, 'value' | 'lineOf'>,
  file: string,
  shape: Shape,
): z.output<Shape> {
  const parsed = shape.safeParse(content.value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path ?? [];
  throw new HaskellFileError(
    { file, line: content.lineOf(path) },
    `${path.map(String).join('.') || 'the document'}: ${issue?.message ?? 'is not what was expected'}`,
    'See the reference of this file format for what is allowed here.',
  );
}
