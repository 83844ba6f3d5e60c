import { parsePortRegistry } from './read.js';

const problemsOf = (text: string): { message: string; hint: string } => {
  try {
    parsePortRegistry('port-registry.yml', text);
  } catch (error) {
    return error as { message: string; hint: string };
  }
  throw new Error('the registry was accepted');
};

const HEAD = 'range: { first: 12221, last: 12230 }\nservices: { relay: 12220, hub: 8000 }\nmachines:\n';

describe('reading port-registry.yml', () => {
  it('reads a registry without machines', () => {
    expect(parsePortRegistry('port-registry.yml', HEAD).value.machines).toEqual({});
  });

  it('names both machines that share a port, the line, and a port that is free', () => {
    const { message, hint } = problemsOf(`${HEAD}  alpha: 12221\n  beta: 12222\n  gamma: 12221\n`);
    expect(message).toBe('port-registry.yml:6:3: machine "gamma" and machine "alpha" both have port 12221');
    expect(hint).toBe('Give one of them another port; 12223 is free.');
  });

  it('names the service whose port a machine has', () => {
    const { message } = problemsOf(
      'range: { first: 7999, last: 8001 }\nservices: { relay: 12220, hub: 8000 }\nmachines:\n  alpha: 8000\n',
    );
    expect(message).toBe('port-registry.yml:4:3: machine "alpha" and service "hub" both have port 8000');
  });

  it('refuses services that share a port', () => {
    expect(problemsOf('range: { first: 1, last: 2 }\nservices:\n  relay: 8000\n  hub: 8000\n').message).toContain(
      'port-registry.yml:4:3: port 8000 of hub is also the port of service "relay"',
    );
  });

  it('refuses ports outside the range and a range that runs backwards', () => {
    expect(problemsOf(`${HEAD}  alpha: 13000\n`).message).toContain('port 13000 of machine "alpha" is outside');
    expect(problemsOf(HEAD.replace('12230', '12000')).message).toContain('holds no port');
  });

  it('reports a machine that is written twice as a syntax error with its line', () => {
    expect(problemsOf(`${HEAD}  alpha: 12221\n  alpha: 12222\n`).message).toMatch(/^port-registry.yml:5:3: .*unique/);
  });

  it('suggests the key that was meant', () => {
    expect(problemsOf(HEAD.replace('machines', 'machnes')).hint).toContain('Did you mean "machines"?');
  });
});
