import { dirname, resolve } from 'node:path';
import { HaskellFileError } from '../syntax/source-error.js';
import { isRecord, type ReadText, readYaml, type YamlContent } from './read-yaml.js';

/** Parts of a package.yaml that may have `defaults` of their own, besides the whole. */
const SECTIONS = ['library', 'executable'];
const SECTION_MAPS = ['internal-libraries', 'executables', 'tests', 'benchmarks'];

/**
 * A package.yaml with its `defaults` in place. hpack merges the fields that all components share, and nothing else of a
 * defaults file, so such a file is added as one more unconditional branch of `when`.
 * @throws HaskellFileError for a file that is not there, and for defaults that hpack would download
 */
export function withDefaults(content: YamlContent, file: string, read: ReadText): YamlContent {
  const included = [...content.included];
  const line = content.lineOf(['defaults']);
  const expand = (value: unknown): unknown =>
    isRecord(value) ? expandSection(value, { file, line, read, included, above: [file] }) : value;
  const each = (value: unknown): unknown => (isRecord(value) ? mapValues(value, expand) : value);
  if (!isRecord(content.value)) return content;
  const inner = mapValues(content.value, (value, key) =>
    SECTIONS.includes(key) ? expand(value) : SECTION_MAPS.includes(key) ? each(value) : value,
  );
  return { ...content, value: expand(inner), included };
}

interface Expansion {
  readonly file: string;
  readonly line: number | undefined;
  readonly read: ReadText;
  readonly included: string[];
  /** The file and those that led to it. */
  readonly above: readonly string[];
}

function expandSection(section: Record<string, unknown>, at: Expansion): Record<string, unknown> {
  const { defaults, when, ...rest } = section;
  const loaded = asList(defaults).map((one) => load(one, at));
  const branches = [...asList(when), ...loaded];
  return branches.length === 0 ? rest : { ...rest, when: branches };
}

function load(reference: unknown, at: Expansion): Record<string, unknown> {
  const path = isRecord(reference) ? reference['local'] : undefined;
  if (typeof path !== 'string') throw downloaded(reference, at);
  const target = resolve(dirname(at.file), path);
  const fail = (problem: string, hint: string) => new HaskellFileError({ file: at.file, line: at.line }, problem, hint);
  const text = at.read(target);
  if (text === null) throw fail(`the defaults file "${path}" does not exist`, 'Create it, or correct the path.');
  if (at.above.includes(target)) throw fail(`the defaults file "${path}" takes in itself`, 'Break the circle.');
  at.included.push(target);
  const { value, included } = readYaml(text, target, at.read);
  at.included.push(...included);
  const common = isRecord(value) ? withoutComponents(value) : {};
  return expandSection(common, { ...at, file: target, line: undefined, above: [...at.above, target] });
}

/** hpack ignores components of a defaults file. */
function withoutComponents(value: Record<string, unknown>): Record<string, unknown> {
  const ignored = [...SECTIONS, ...SECTION_MAPS];
  return Object.fromEntries(Object.entries(value).filter(([key]) => !ignored.includes(key)));
}

function downloaded(reference: unknown, { file, line }: Expansion): HaskellFileError {
  return new RemoteDefaultsError(file, line, isRecord(reference) ? reference['github'] : reference);
}

/** hpack would download these defaults when it runs, so nothing says which content a build has used. */
export class RemoteDefaultsError extends HaskellFileError {
  constructor(file: string, line: number | undefined, reference: unknown) {
    super(
      { file, line },
      `defaults of ${typeof reference === 'string' ? reference : 'this form'} are not in the workspace: hpack downloads them, and build machines download nothing`,
      'Copy the file into the workspace and name it: "defaults: { local: ../defaults.yaml }". Or commit the *.cabal file that hpack makes.',
    );
  }
}

function asList(value: unknown): unknown[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}

function mapValues(
  value: Record<string, unknown>,
  change: (inner: unknown, key: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner, key)]));
}
