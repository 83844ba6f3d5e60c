import { scanErrors } from '../errors/scan-errors.js';
import { page, table } from '../markdown.js';

/** docs/reference/errors.md: every code, what it means, and where it is thrown. */
export function errorsPage(root: string): string {
  const errors = scanErrors(root)
    .flatMap(({ code, ...error }) => (code === undefined ? [] : [{ code, ...error }]))
    .sort((a, b) => (a.code === b.code ? a.file.localeCompare(b.file, 'en') : a.code < b.code ? -1 : 1));
  return page(
    'Errors',
    'Every mistake or mishap that a user can mend has a code, which is printed in brackets behind the message and travels ' +
      'as `code` in the errors of the agent and the hub. The message says what happened and where, the hint below it what ' +
      'to do next. An error without a code is a defect of build-machines.',
    table(
      ['Code', 'What happened', 'Thrown in'],
      errors.map(({ code, description, file }) => [`\`${code}\``, description, `\`${file}\``]),
    ),
  );
}
