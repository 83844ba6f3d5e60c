import type { Element, FieldLine, Section } from '../syntax/elements.js';
import { isConditional } from '../syntax/elements.js';
import { HaskellFileError } from '../syntax/source-error.js';
import { words } from './field-lists.js';

/** All values of each field of a stanza, by the field's name: branches of conditionals and imports included. */
export type StanzaFields = ReadonlyMap<string, readonly FieldLine[]>;

/** Fields whose entries are separated by commas: values that come together must not run into one another. */
const COMMA: FieldLine = { text: ',', line: 0 };

/**
 * Merges a stanza with the common stanzas that it imports, and takes every branch of its conditionals: which of them
 * holds is known only where cabal configures it, so whoever asks what a component may need gets all of them.
 * @throws HaskellFileError for an import of an unknown stanza or a circle of imports
 */
export function flattenStanza(
  section: Pick<Section, 'children'>,
  common: ReadonlyMap<string, Section>,
  file: string,
): StanzaFields {
  const fields = new Map<string, FieldLine[]>();
  collect(section.children, { common, file, fields, importing: [] });
  return fields;
}

interface Collection {
  readonly common: ReadonlyMap<string, Section>;
  readonly file: string;
  readonly fields: Map<string, FieldLine[]>;
  readonly importing: readonly string[];
}

function collect(elements: readonly Element[], into: Collection): void {
  for (const element of elements) {
    if (isConditional(element)) collect(element.children, into);
    else if (element.kind === 'field' && element.name === 'import') {
      for (const item of words(element.lines)) collectImport(item.text, item.line, into);
    } else if (element.kind === 'field') {
      const lines = into.fields.get(element.name) ?? [];
      into.fields.set(element.name, [...lines, ...element.lines, COMMA]);
    }
  }
}

function collectImport(name: string, line: number, into: Collection): void {
  const stanza = into.common.get(name);
  const position = { file: into.file, line };
  if (stanza === undefined) {
    const known = [...into.common.keys()].join(', ') || 'none';
    throw new HaskellFileError(
      position,
      `there is no common stanza "${name}"`,
      `Define "common ${name}" above, or import one that exists (${known}).`,
    );
  }
  if (into.importing.includes(name)) {
    throw new HaskellFileError(position, `common stanza "${name}" imports itself`, 'Break the circle of imports.');
  }
  collect(stanza.children, { ...into, importing: [...into.importing, name] });
}
