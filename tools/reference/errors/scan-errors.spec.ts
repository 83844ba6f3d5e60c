import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scanErrors } from './scan-errors.js';

const repository = join(__dirname, '../../..');

describe('the scan for errors', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'scan-'));
    await mkdir(join(root, 'libs/a'), { recursive: true });
    await mkdir(join(root, 'agent'), { recursive: true });
  });

  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  it('follows base classes through files, in whatever order they stand', async () => {
    await writeFile(
      join(root, 'libs/a/a.ts'),
      `/** The disk is full,\n * see {@link Disk}. */\nexport class FullError extends WireError { readonly code = 'disk-full'; }
       export class Unrelated extends Error { readonly code = 'no'; }`,
    );
    await writeFile(
      join(root, 'agent/z.ts'),
      'export abstract class WireError extends BuildMachinesError {}\nclass BuildMachinesError extends Error {}',
    );
    expect(scanErrors(root)).toEqual([
      {
        name: 'FullError',
        code: 'disk-full',
        isAbstract: false,
        description: 'The disk is full, see `Disk`.',
        file: 'libs/a/a.ts',
      },
      { name: 'WireError', code: undefined, isAbstract: true, description: '', file: 'agent/z.ts' },
    ]);
  });
});

describe('the errors of build-machines', () => {
  const errors = scanErrors(repository);

  it('are many: the scan sees the sources', () => {
    expect(errors.length).toBeGreaterThan(50);
  });

  it.each(errors.map((error) => [error.name, error] as const))(
    '%s says what happened in its doc comment',
    (_, error) => {
      expect([error.file, error.description]).not.toEqual([error.file, '']);
    },
  );

  it('have codes in kebab-case, but for those that carry the code of the other end of a wire', () => {
    for (const { name, code, isAbstract } of errors)
      if (!isAbstract && name !== 'RemoteReportedError')
        expect([name, code]).toEqual([name, expect.stringMatching(/^[a-z]+(-[a-z0-9]+)*$/)]);
  });

  it('are all on the page of errors, and the page holds no others', () => {
    const page = readFileSync(join(repository, 'docs/reference/errors.md'), 'utf8');
    const listed = [...page.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, code]) => code);
    const codes = errors.flatMap(({ code }) => (code === undefined ? [] : [code]));
    expect([...new Set(listed)].sort()).toEqual([...new Set(codes)].sort());
  });
});
