// Live specs drive real servers on computers that may be busy: the limit ends a test that hangs, and measures nothing.
jest.setTimeout(120_000);
