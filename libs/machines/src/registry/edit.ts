import { isMap, isScalar, type Pair, type YAMLMap } from 'yaml';
import type { ParsedYaml } from '../yaml-files/parse-yaml.js';
import type { PortRegistry } from './schema.js';

/**
 * The registry's text with one more machine. Where `machines` is written as a block, one line is added after its last
 * and every other byte stays; otherwise (`{}`, empty, absent) the YAML library rewrites the document, keeping comments.
 */
export function withMachine(parsed: ParsedYaml<PortRegistry>, name: string, port: number): string {
  const { text, document } = parsed;
  const last = blockMachines(parsed)?.items.at(-1);
  const lastRange = last === undefined ? undefined : pairRange(last);
  const heading = emptyHeading(parsed);
  if (heading !== undefined) return insertLine(text, heading, `  ${name}: ${port}`);
  if (lastRange === undefined) {
    const copy = document.clone();
    copy.set('machines', copy.createNode({ ...parsed.value.machines, [name]: port }));
    return copy.toString({ lineWidth: 0 });
  }
  const indent = ' '.repeat(lastRange.start - lineStart(text, lastRange.start));
  return insertLine(text, lastRange.end, `${indent}${name}: ${port}`);
}

/** The registry's text without a machine; in a block, exactly the machine's line (with a comment on it) goes. */
export function withoutMachine(parsed: ParsedYaml<PortRegistry>, name: string): string {
  const { text, document } = parsed;
  const pair = blockMachines(parsed)?.items.find(({ key }) => isScalar(key) && key.value === name);
  const range = pair === undefined ? undefined : pairRange(pair);
  if (range === undefined) {
    const copy = document.clone();
    copy.deleteIn(['machines', name]);
    return copy.toString({ lineWidth: 0 });
  }
  return text.slice(0, lineStart(text, range.start)) + text.slice(lineEnd(text, range.end));
}

/** The mapping of machines, where it is written one machine to a line. */
function blockMachines({ document }: ParsedYaml<PortRegistry>): YAMLMap | undefined {
  const machines = document.get('machines');
  return isMap(machines) && machines.flow !== true ? machines : undefined;
}

/** Offset of the key `machines`, where nothing follows it: the last machine went, or none came yet. */
function emptyHeading({ document }: ParsedYaml<PortRegistry>): number | undefined {
  const root = document.contents;
  const pair = isMap(root) ? root.items.find(({ key }) => isScalar(key) && key.value === 'machines') : undefined;
  const isEmpty = pair !== undefined && (pair.value === null || (isScalar(pair.value) && pair.value.value === null));
  return isEmpty && isScalar(pair.key) ? pair.key.range?.[1] : undefined;
}

/** The text with a line behind the one that holds `offset`. */
function insertLine(text: string, offset: number, line: string): string {
  const end = lineEnd(text, offset);
  const needsBreak = text[end - 1] !== '\n';
  return `${text.slice(0, end)}${needsBreak ? '\n' : ''}${line}\n${text.slice(end)}`;
}

function pairRange({ key, value }: Pair): { start: number; end: number } | undefined {
  const keyRange = isScalar(key) ? key.range : undefined;
  const valueRange = isScalar(value) ? value.range : undefined;
  return keyRange && valueRange ? { start: keyRange[0], end: valueRange[1] } : undefined;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Offset behind the line break of the line that holds `offset`. */
function lineEnd(text: string, offset: number): number {
  const found = text.indexOf('\n', offset);
  return found === -1 ? text.length : found + 1;
}
