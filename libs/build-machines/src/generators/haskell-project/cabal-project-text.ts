import picomatch from 'picomatch';

const newProject = `-- Packages that cabal builds together.
packages:
`;

/** A package as cabal.project names it: by its folder, relative to cabal.project, `.` for the folder of cabal.project. */
export interface PackagePlace {
  readonly dir: string;
  readonly cabalFile: string;
}

/**
 * The text of a cabal.project that holds a package: as it is where an entry or a glob covers the package, or else with
 * one line more at the end of its first top-level `packages:` field. Comments and layout stay.
 * @param text the file, or undefined where there is none: then one is made.
 */
export function withPackage(text: string | undefined, place: PackagePlace): string {
  const lines = (text ?? newProject).replace(/\n$/, '').split('\n');
  const fields = packageFields(lines);
  if (fields.some((field) => field.entries.some((entry) => covers(entry, place)))) return text ?? '';
  const [field] = fields;
  if (field === undefined) return `${[...lines, '', 'packages:', `  ${place.dir}`].join('\n')}\n`;
  const entry = separated(field, place.dir);
  return `${[...lines.slice(0, field.end), entry, ...lines.slice(field.end)].join('\n')}\n`;
}

/** One `packages:` field: its entries, and where and how a further line is to be written. */
interface PackagesField {
  readonly entries: string[];
  /** Index of the line behind the field's last line with content. */
  readonly end: number;
  readonly indent: string;
  /** How the field separates its entries (cabal allows no mixture). */
  readonly commas: 'none' | 'leading' | 'trailing';
}

/**
 * The top-level `packages:` fields (those in conditional blocks are indented). A field reaches to the next line that is
 * not indented; comments and blank lines do not end it.
 */
function packageFields(lines: readonly string[]): PackagesField[] {
  return lines.flatMap((line, start) => {
    const head = /^(packages[ \t]*:[ \t]*)(.*)$/i.exec(line);
    if (head === null) return [];
    const [, label = '', value = ''] = head;
    const content = [value];
    let end = start + 1;
    let indent = value === '' ? '  ' : ' '.repeat(label.length);
    for (let index = start + 1; index < lines.length; index++) {
      const next = lines[index] ?? '';
      if (/^\s*(--|$)/.test(next)) continue;
      const continued = /^[ \t]+/.exec(next);
      if (continued === null) break;
      [indent] = continued;
      content.push(next.trim());
      end = index + 1;
    }
    return [{ entries: entriesOf(content), end, indent, commas: commasOf(content.join(' ').trim()) }];
  });
}

function entriesOf(content: readonly string[]): string[] {
  return content
    .join(' ')
    .split(/[\s,]+/)
    .filter((entry) => entry !== '');
}

function commasOf(content: string): PackagesField['commas'] {
  if (content.endsWith(',')) return 'trailing';
  return content.includes(',') ? 'leading' : 'none';
}

function separated({ indent, commas }: PackagesField, dir: string): string {
  if (commas === 'leading') return `${indent}, ${dir}`;
  return `${indent}${dir}${commas === 'trailing' ? ',' : ''}`;
}

/** Whether an entry (a folder, a .cabal file, or a glob for either) names the package. */
function covers(entry: string, { dir, cabalFile }: PackagePlace): boolean {
  const pattern = entry.replace(/^\.\/(?=.)/, '').replace(/(?<=.)\/$/, '');
  const file = dir === '.' ? cabalFile : `${dir}/${cabalFile}`;
  if (dir === '.' && (pattern === '.' || pattern === './')) return true;
  return picomatch.isMatch(dir, pattern) || picomatch.isMatch(file, pattern);
}
