import { createHash } from 'node:crypto';

/** Longer names are cut: file systems allow 255 bytes for a name, and tools add suffixes. */
const LONGEST = 120;

/** How much of a long name stays readable. */
const KEPT = 60;

/**
 * The one path segment that stands for a name of a project or target, whatever the name holds. Different names give
 * different segments. A name of ASCII letters, digits, `-`, `_` and `.` that does not begin with a dot stands for
 * itself; every other byte is written as `%` and two digits. No segment is empty, `.`, `..`, hidden, or holds a
 * separator or a sign with a meaning in glob patterns.
 */
export function pathSegment(name: string): string {
  if (name === '') return '%';
  const escaped = [...name].map((sign, index) => escapeSign(sign, index === 0)).join('');
  if (escaped.length <= LONGEST) return escaped;
  // No escape holds "%-", so a cut name never equals a whole one.
  return `${escaped.slice(0, KEPT)}%-${createHash('sha256').update(escaped).digest('hex').slice(0, 40)}`;
}

/** Whether a name is its own {@link pathSegment}. */
export function isPathSegment(name: string): boolean {
  return pathSegment(name) === name;
}

function escapeSign(sign: string, isFirst: boolean): string {
  if (/^[A-Za-z0-9_.-]$/.test(sign) && !(isFirst && sign === '.')) return sign;
  // Half of a surrogate pair has no bytes in UTF-8.
  if (/^[\uD800-\uDFFF]$/.test(sign)) return `%u${sign.charCodeAt(0).toString(16)}`;
  return [...Buffer.from(sign, 'utf8')].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}
