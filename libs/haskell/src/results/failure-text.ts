import { stripVTControlCharacters } from 'node:util';

declare const worded: unique symbol;

/** Why something failed, for people. Never blank: {@link failureText} makes every one of them. */
export type FailureText = string & { readonly [worded]: true };

const NO_REASON =
  'It failed, and neither cabal nor the machine gave a reason. Run it with --verbose, and look at the log of the machine: nx run <machine>:logs\n';

/** Puts the text of a failure together from its parts, each on lines of its own; blank parts are left out. */
export function failureText(...parts: readonly (string | undefined)[]): FailureText {
  const worth = parts.flatMap((part) => (part === undefined || isBlank(part) ? [] : [ended(part)]));
  return (worth.length === 0 ? NO_REASON : worth.join('')) as FailureText;
}

function isBlank(text: string): boolean {
  return stripVTControlCharacters(text).trim() === '';
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
