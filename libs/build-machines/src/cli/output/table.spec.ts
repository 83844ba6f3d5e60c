import { renderTable } from './table.js';

const headings = ['machine', 'why'];
const rows = [
  ['east', 'west is busy with ada (web:remote-build)\neast is being drained'],
  ['haskell-build', ''],
];

describe('a table', () => {
  it('is plain text in columns, without colours or trailing blanks', () => {
    expect(renderTable(headings, rows)).toBe(
      'MACHINE        WHY\n' +
        'east           west is busy with ada (web:remote-build)\n' +
        '               east is being drained\n' +
        'haskell-build\n',
    );
  });

  it('fits a narrow terminal: the last column is wrapped between words', () => {
    expect(renderTable(headings, rows, { isTTY: true, columns: 40 })).toBe(
      'MACHINE        WHY\n' +
        'east           west is busy with ada\n' +
        '               (web:remote-build)\n' +
        '               east is being drained\n' +
        'haskell-build\n',
    );
  });

  it('is as wide as it must be where nobody looks, or nothing would be left to wrap to', () => {
    const whole = renderTable(headings, rows);
    expect(renderTable(headings, rows, { columns: 40 })).toBe(whole);
    expect(renderTable(headings, rows, { isTTY: true, columns: 20 })).toBe(whole);
  });
});
