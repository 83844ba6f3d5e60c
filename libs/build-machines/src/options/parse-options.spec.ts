import { CabalTaskOptions } from './haskell-options.js';
import { OptionsInvalidError, parseOptions } from './parse-options.js';

describe('the options of a target', () => {
  it('get their defaults', () => {
    expect(parseOptions(CabalTaskOptions, { ghc: '9.8.4' })).toMatchObject({
      ghc: '9.8.4',
      artifacts: 'lazy',
      args: [],
    });
  });

  it('say what a version is, also where the command line took it for a number', () => {
    for (const ghc of [9.8, '9', 'latest'])
      expect(() => parseOptions(CabalTaskOptions, { ghc })).toThrow(/"ghc": must be an exact version such as 9\.8\.4/);
  });

  it('are told of all at once where they are wrong, with what was probably meant', () => {
    const wrong = { ghc: 'nine', machien: 'sandbox', artifacts: 'sometimes', timeoutSeconds: '3' };
    const parse = (): unknown => parseOptions(CabalTaskOptions, wrong);
    expect(parse).toThrow(OptionsInvalidError);
    expect(parse).toThrow(/"ghc": must be an exact version/);
    expect(parse).toThrow(/unknown key "machien"/);
    expect(parse).toThrow(/"artifacts" has a value that is not allowed/);
    expect(parse).toThrow(/"timeoutSeconds"/);
    expect(parse).toThrow(expect.objectContaining({ hint: expect.stringContaining('Did you mean "machine"?') }));
  });
});
