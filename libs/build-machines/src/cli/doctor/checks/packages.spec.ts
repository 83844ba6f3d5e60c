import { findingOf } from './packages.js';

const problem = { message: 'b.cabal:3: "->" is not a dependency', hint: 'Write dependencies as …' };

describe("doctor's look at the packages", () => {
  it('counts what can be read', () => {
    expect(findingOf([{}, { cabalProject: '.' }])).toEqual({ status: 'ok', found: '1 package can be read' });
  });

  it('names every problem once, with its fix', () => {
    const other = { message: 'cabal.project:1: "x" is no package', hint: 'Correct the path.' };
    expect(findingOf([{ problem }, { cabalProject: '.', problem }, { problem: other }])).toEqual({
      status: 'missing',
      found: `${problem.message}\n${other.message}`,
      fix: `${problem.hint}\n${other.hint}`,
    });
  });
});
