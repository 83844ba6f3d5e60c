import { externalDependencies, parseCabalFile, readCabalProject } from '@build-machines/haskell';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianSource } from '../support/debian-sources.js';
import { cabalFilesOf, DESCRIBED, describeWithCabal, INTERDEPENDENT } from './real-packages.js';

interface PlannedUnit {
  readonly id: string;
  readonly 'pkg-name': string;
  readonly style?: string;
  readonly depends?: string[];
  readonly 'exe-depends'?: string[];
  readonly components?: Record<string, { depends: string[]; 'exe-depends'?: string[] }>;
}

/** Which packages of the project need which others, by cabal's own plan. */
function plannedEdges(planFile: string): string[] {
  const plan = JSON.parse(readFileSync(planFile, 'utf8')) as { 'install-plan': PlannedUnit[] };
  const local = new Map(
    plan['install-plan'].filter(({ style }) => style === 'local').map((unit) => [unit.id, unit['pkg-name']]),
  );
  const edges = plan['install-plan'].flatMap((unit) => {
    const from = local.get(unit.id);
    if (from === undefined) return [];
    const parts = [unit, ...Object.values(unit.components ?? {})];
    const needs = parts.flatMap((part) => [...(part.depends ?? []), ...(part['exe-depends'] ?? [])]);
    return needs.flatMap((id) => {
      const to = local.get(id);
      return to === undefined || to === from ? [] : [`${from} → ${to}`];
    });
  });
  return [...new Set(edges)].sort();
}

describe('a project of packages that others wrote', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'plan-'));
    for (const [name, source] of Object.entries(INTERDEPENDENT)) {
      execFileSync('cp', ['-a', debianSource(source), join(root, name)]);
    }
    writeFileSync(join(root, 'cabal.project'), 'packages: */*.cabal\n');
    writeFileSync(join(root, 'cabal.config'), '');
    execFileSync('cabal', ['build', 'all', '--dry-run', '--offline', '--disable-tests', '--disable-benchmarks'], {
      cwd: root,
      env: { ...process.env, CABAL_CONFIG: join(root, 'cabal.config') },
      stdio: 'pipe',
    });
  });
  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it('has the dependencies that cabal plans, and beyond them only those of branches that do not hold here', () => {
    const planned = plannedEdges(join(root, 'dist-newstyle/cache/plan.json'));
    expect(planned.length).toBeGreaterThan(15);
    const project = readCabalProject(root);
    expect(project.problems).toEqual([]);
    const names = new Set(project.packages.map((pkg) => pkg.name));
    const inferred = project.packages.flatMap((pkg) =>
      externalDependencies(pkg, 'production')
        .filter((reference) => names.has(reference.package))
        .map((reference) => `${pkg.name} → ${reference.package}`),
    );
    expect(planned.filter((edge) => !inferred.includes(edge))).toEqual([]);
    const beyond = inferred.filter((edge) => !planned.includes(edge));
    for (const edge of beyond) expect(isConditional(root, edge)).toBe(true);
  });
});

/** Whether a dependency stands in a conditional: deeper in the file than the fields of its section. */
function isConditional(root: string, edge: string): boolean {
  const [from = '', to = ''] = edge.split(' → ');
  const pkg = readCabalProject(root).packages.find(({ name }) => name === from);
  const line = pkg && externalDependencies(pkg, 'production').find((reference) => reference.package === to)?.line;
  if (pkg === undefined || line === undefined) return false;
  const lines = readFileSync(pkg.cabalFile, 'utf8').split('\n');
  const indent = (text: string) => text.length - text.trimStart().length;
  let depth = indent(lines[line - 1] ?? '');
  for (let index = line - 2; index >= 0 && depth > 0; index -= 1) {
    const text = lines[index] ?? '';
    if (text.trim() === '' || indent(text) >= depth) continue;
    depth = indent(text);
    if (/^\s*(if|elif|else)\b/.test(text)) return true;
  }
  return false;
}

describe('package descriptions that others wrote', () => {
  it('are read as Cabal reads them: names, components, and what any branch of each depends on', () => {
    const files = [...DESCRIBED, ...Object.values(INTERDEPENDENT)].flatMap(cabalFilesOf);
    const described = describeWithCabal(files);
    expect(new Set(described.map(({ file }) => file)).size).toBeGreaterThan(25);
    for (const component of described) {
      const pkg = parseCabalFile(readFileSync(component.file, 'utf8'), component.file);
      const own = new Set([
        pkg.name,
        ...pkg.components.filter(({ kind }) => kind === 'library').map(({ name }) => name),
      ]);
      const foreign = (names: readonly string[]) => [...new Set(names)].filter((name) => !own.has(name)).sort();
      const ours = pkg.components.find(({ kind, name }) => kind === component.kind && name === component.name);
      expect(pkg.name).toBe(component.package);
      expect([
        component.file,
        foreign([...(ours?.dependencies ?? []), ...(ours?.toolDependencies ?? [])].map((need) => need.package)),
      ]).toEqual([component.file, foreign(component.needs)]);
    }
  });
});
