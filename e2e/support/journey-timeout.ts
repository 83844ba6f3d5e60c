// A journey compiles and installs: the limit ends a test that hangs, and measures nothing.
jest.setTimeout(900_000);
