// One Jest for everything, as ES modules, straight from TypeScript (types are blanked, so lines stay the same).
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/{packages,services,tests,tools}/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/.data/', '/.cache/'],
  modulePathIgnorePatterns: ['<rootDir>/.data/', '<rootDir>/.cache/'],
  watchPathIgnorePatterns: ['<rootDir>/.data/', '<rootDir>/.cache/'],
  transform: { '\\.ts$': '<rootDir>/tools/test/strip-types.cjs' },
  globalSetup: '<rootDir>/packages/test-kit/src/jest-setup.ts',
  globalTeardown: '<rootDir>/packages/test-kit/src/jest-teardown.ts',
  testSequencer: '<rootDir>/tools/test/sequencer.ts',
  // Of a file that starts servers nearly half is waiting: three keep two processors at work.
  maxWorkers: 3,
  testTimeout: 120_000,
}
