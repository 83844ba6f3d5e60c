/**
 * The syntax that *.cabal and cabal.project files share: fields and sections, nested by indentation or braces
 * (Cabal user guide, "Package descriptions: syntax"; the grammar is the one of Distribution.Fields.Parser).
 */
export interface FieldLine {
  readonly text: string;
  /** 1-based. */
  readonly line: number;
}

/** `name: value`, the value as the lines that it spans, without comments. */
export interface Field {
  readonly kind: 'field';
  /** In lower case: field names are case-insensitive. */
  readonly name: string;
  readonly lines: readonly FieldLine[];
  readonly line: number;
}

/** `name argument` with what is nested in it; conditionals (`if`, `elif`, `else`) are sections, too. */
export interface Section {
  readonly kind: 'section';
  /** In lower case. */
  readonly name: string;
  /** What follows the name, as written: a component's name or a condition. */
  readonly argument: string;
  readonly children: readonly Element[];
  readonly line: number;
}

export type Element = Field | Section;

/** Whether an element is a branch of a conditional. */
export function isConditional(element: Element): element is Section {
  return element.kind === 'section' && ['if', 'elif', 'else'].includes(element.name);
}
