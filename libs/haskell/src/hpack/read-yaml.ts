import { dirname, resolve } from 'node:path';
import { Alias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { HaskellFileError } from '../syntax/source-error.js';

/** What a YAML file says, with what it includes in place. */
export interface YamlContent {
  /** Maps as objects, lists as arrays; an empty file is an empty object. */
  readonly value: unknown;
  /** Absolute paths of the files that it includes, itself not among them. */
  readonly included: readonly string[];
  /** The line of what stands at a path of keys, where this file has it itself. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

/** Reads the text of a file by its absolute path; null where there is none. */
export type ReadText = (path: string) => string | null;

/**
 * Reads YAML as hpack does: `!include` is replaced by the content of a file beside the including one, and `<<` merges a map
 * or a list of maps into the one around it; any other value of `<<` is dropped.
 * @throws HaskellFileError with the line of a syntax error, of an unknown alias and of an include that is not there
 */
export function readYaml(text: string, file: string, read: ReadText = () => null): YamlContent {
  return readIncluded(text, file, read, [file]);
}

function readIncluded(text: string, file: string, read: ReadText, including: readonly string[]): YamlContent {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    version: '1.2',
    uniqueKeys: false,
    customTags: [{ tag: '!include', resolve: (path: string) => path }],
  });
  const lineAt = (offset: number | undefined) => (offset === undefined ? undefined : lineCounter.linePos(offset).line);
  const fail = (node: Node | undefined, problem: string, hint: string): HaskellFileError =>
    new HaskellFileError({ file, line: lineAt(node?.range?.[0]) }, problem, hint);
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) {
    const problem = syntaxError.message.split('\n')[0]?.replace(/ at line \d+.*$/, '') ?? 'broken YAML';
    throw new HaskellFileError({ file, line: syntaxError.linePos?.[0].line }, problem, 'Correct the YAML syntax here.');
  }
  const included: string[] = [];
  const known = new Map<Node, unknown>();
  const include = (node: Node, path: string): unknown => {
    const target = resolve(dirname(file), path);
    const content = read(target);
    if (content === null)
      throw fail(node, `the included file "${path}" does not exist`, 'Create it, or correct the path.');
    if (including.includes(target)) throw fail(node, `"${path}" includes itself`, 'Break the circle of includes.');
    const inner = readIncluded(content, target, read, [...including, target]);
    included.push(target, ...inner.included);
    return inner.value;
  };
  const convert = (node: unknown): unknown => {
    if (node instanceof Alias) {
      const target = node.resolve(document);
      if (target === undefined)
        throw fail(node, `there is no anchor "&${node.source}"`, 'Define it above, or remove the alias.');
      if (known.get(target) === UNFINISHED) throw fail(node, `"*${node.source}" holds itself`, 'Remove the alias.');
      return convert(target);
    }
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return null;
    const earlier = known.get(node);
    if (earlier !== undefined) return earlier;
    known.set(node, UNFINISHED);
    const value = isScalar(node)
      ? node.tag === '!include'
        ? include(node, String(node.value))
        : node.value
      : isSeq(node)
        ? node.items.map(convert)
        : mergedMap(node.items.map(({ key, value }) => [keyText(key), convert(value)]));
    known.set(node, value);
    return value;
  };
  const value = convert(document.contents) ?? {};
  return {
    value,
    included,
    lineOf: (path) => {
      for (let length = path.length; length > 0; length -= 1) {
        const node = document.getIn(path.slice(0, length), true);
        if (isScalar(node) || isMap(node) || isSeq(node)) return lineAt(node.range?.[0]);
      }
      return undefined;
    },
  };
}

/** Stands for a node whose value is being computed. */
const UNFINISHED = Symbol('unfinished');

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : '';
}

/** What a map says itself wins over what it merges, and of that the earlier wins over the later. */
function mergedMap(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const merged = entries
    .filter(([key]) => key === '<<')
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]));
  const own = Object.fromEntries(entries.filter(([key]) => key !== '<<'));
  return merged.filter(isRecord).reduce<Record<string, unknown>>((sum, one) => ({ ...one, ...sum }), own);
}

/** Whether a value of YAML is a map. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
