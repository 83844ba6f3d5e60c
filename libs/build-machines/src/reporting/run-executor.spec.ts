import { abortOnSignals } from './run-executor.js';

describe('signals to a task', () => {
  let exit: jest.SpyInstance;
  let released: () => void;
  let signal: AbortSignal;
  beforeEach(() => {
    jest.useFakeTimers();
    exit = jest.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    ({ signal, release: released } = abortOnSignals());
  });
  afterEach(() => {
    released();
    exit.mockRestore();
    jest.useRealTimers();
  });
  const later = (name: NodeJS.Signals, ms: number): void => {
    jest.setSystemTime(Date.now() + ms);
    process.emit(name, name);
  };

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s asks it to end, which it may take its time for', (name) => {
    later(name, 0);
    expect(signal.aborted).toBe(true);
    expect(exit).not.toHaveBeenCalled();
  });

  it('are one wish when the terminal and Nx send the same, and when Nx asks in its own way seconds later', () => {
    later('SIGINT', 0);
    later('SIGINT', 200);
    later('SIGTERM', 3_000);
    expect(exit).not.toHaveBeenCalled();
  });

  it('end it at once when Ctrl-C is pressed again', () => {
    later('SIGINT', 0);
    later('SIGINT', 2_000);
    expect(exit).toHaveBeenCalledWith(130);
  });
});
