import { isMap, isSeq, parseDocument } from 'yaml';
import { GitLabFileInvalidError } from './errors.js';

/**
 * A .gitlab-ci.yml that includes one more local file; all else stays as it is, comments too. `include` may be absent, a
 * text, a mapping or a list of both.
 * @throws GitLabFileInvalidError where the text is not a YAML mapping.
 */
export function withInclude(text: string, file: string): string {
  const document = parseDocument(text);
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents)))
    throw new GitLabFileInvalidError(document.errors[0]?.message ?? 'it is not a mapping');
  const present = document.get('include');
  const current: unknown = document.toJS()?.include;
  const list = Array.isArray(current) ? current : current === undefined ? [] : [current];
  if (list.some((entry) => isSameInclude(entry, file))) return text;
  if (isSeq(present)) present.add(document.createNode({ local: file }));
  else document.set('include', document.createNode([...list, { local: file }]));
  return document.toString({ lineWidth: 0 });
}

/** GitLab takes a text, or `local:`, with or without the slash that stands for the repository's root. */
function isSameInclude(entry: unknown, file: string): boolean {
  const named: unknown = typeof entry === 'object' && entry !== null && 'local' in entry ? entry.local : entry;
  return typeof named === 'string' && named.replace(/^\//, '') === file.replace(/^\//, '');
}
