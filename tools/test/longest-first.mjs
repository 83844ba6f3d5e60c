// The order of spec files: the longest first, so that no worker ends with a long one while the others have nothing left.
// A clean checkout has no times of an earlier run; so the long ones are named here, in this order.
import Sequencer from '@jest/test-sequencer';

const long = [
  'differential/differential',
  'graph/sent-is-hashed',
  'edits',
  'graph/hit-or-miss',
  'planning/planning',
  'graph/arguments',
  'broken-graphs',
  'publishing/fresh-workspace',
  'undisturbed',
  'machines/traits',
  'graph/repositories/what-repositories-hold',
  'graph/after-any-change',
  'graph/inferred-targets',
  'output-folders',
  'clear-errors',
  'broken-links',
  'real-projects',
  'machines/smoke-test',
  'placement/placement',
  'first-hour',
  'watch',
];

/** Position in {@link long}; behind it come the other journeys, then all other specs. */
function rank({ path }) {
  const index = long.findIndex((name) => path.endsWith(`/e2e/${name}.e2e.ts`));
  if (index !== -1) return index;
  return path.endsWith('.e2e.ts') ? long.length : long.length + 1;
}

export default class LongestFirst extends Sequencer {
  async sort(tests) {
    const sorted = await super.sort(tests); // By earlier times, or else by size.
    return sorted.sort((one, other) => rank(one) - rank(other));
  }
}
