// @ts-check
import journeys from '../../e2e/jest.config.mjs';
import beside from '../../jest.config.mjs';

/**
 * All tests in one run: what waits least fills the time in which journeys wait.
 * @type {import('jest').Config}
 */
const config = { ...journeys, projects: [...(beside.projects ?? []), ...(journeys.projects ?? [])] };

export default config;
