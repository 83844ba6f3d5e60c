import { journey } from '../../support/journey.js';
import { succeeded } from '../../support/nx-output.js';
import { nx, writeTree } from '../../support/workspace.js';
import { library } from './small-packages.js';

describe('an edge between packages', () => {
  const workspace = journey({
    machinesUp: false,
    machines: [],
    prepare: (made) => {
      writeTree(made, {
        ...library('app', 'app', 'one', ['lib1', 'tu']),
        ...library('vendor/lib1', 'lib1', 'two', ['lib2']),
        ...library('vendor/lib2', 'lib2', 'three'),
        ...library('tu', 'tu', 'four'),
        'vendor/lib1/cabal.project': 'packages: .\n',
      });
    },
  });

  async function edges(daemon: boolean): Promise<string[]> {
    const { stdout } = succeeded(await nx(workspace(), ['graph', '--print'], { daemon }));
    const { graph } = JSON.parse(stdout) as { graph: { dependencies: Record<string, { target: string }[]> } };
    return Object.entries(graph.dependencies)
      .flatMap(([from, needs]) => needs.map(({ target }) => `${from} → ${target}`))
      .sort();
  }

  it.each([[false], [true]])(
    'is there as long as the project files say so, without nx reset (daemon: %s)',
    async (daemon) => {
      const project = (text: string) => {
        writeTree(workspace(), { 'cabal.project': text });
      };
      project('packages: app tu vendor/*/*.cabal\n');
      const all = ['app → lib1', 'app → tu', 'lib1 → lib2'];
      expect(await edges(daemon)).toEqual(all);
      project('packages: app vendor/*/*.cabal\n');
      expect(await edges(daemon)).toEqual(['app → lib1', 'lib1 → lib2']);
      project('packages: app tu\noptional-packages: vendor/lib1\n');
      expect(await edges(daemon)).toEqual(['app → lib1', 'app → tu']);
      project('packages: app tu\nimport: more.project\n');
      writeTree(workspace(), { 'more.project': 'packages: vendor/*/*.cabal\n' });
      expect(await edges(daemon)).toEqual(all);
      writeTree(workspace(), { 'more.project': 'packages: vendor/lib2\n' });
      expect(await edges(daemon)).toEqual(['app → tu']);
      writeTree(workspace(), { 'more.project': null });
    },
  );
});
