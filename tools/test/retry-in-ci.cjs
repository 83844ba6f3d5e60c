// CI machines are shared and stall for seconds; the tests drive real servers and compilers. A test that fails there is
// tried again, at most twice, and its first failure is printed, so that a flaky test is seen and not just passed over.
if (process.env.CI) jest.retryTimes(2, { logErrorsBeforeRetry: true });
