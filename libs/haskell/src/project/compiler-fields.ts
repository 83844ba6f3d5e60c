import { type Element, isConditional } from '../syntax/elements.js';

/** A field of a project file that names the compiler. */
export interface CompilerField {
  readonly name: string;
  /** The value, as written. */
  readonly text: string;
  readonly line: number;
  /** Whether it stands in a branch of a conditional, which only cabal can decide. */
  readonly conditional: boolean;
}

/** What the elements of a project file say about the compiler: at the top level, in conditionals, in program-locations. */
export function compilerFields(elements: readonly Element[], conditional = false): CompilerField[] {
  return elements.flatMap((element) => {
    if (element.kind === 'section') {
      const { name, children } = element;
      if (isConditional(element)) return compilerFields(children, true);
      return name === 'program-locations' ? compilerFields(children, conditional) : [];
    }
    const { name, lines, line } = element;
    if (name !== 'with-compiler' && name !== 'ghc-location' && name !== 'compiler') return [];
    const text = lines
      .map((part) => part.text.trim())
      .join(' ')
      .trim()
      .replace(/^"(.*)"$/, '$1');
    return text === '' ? [] : [{ name, text, line, conditional }];
  });
}
