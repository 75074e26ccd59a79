// The tests of pure rules, beside them, alone: nothing is started for them, and none may need anything that runs.
import everything from './jest.config.js'

const { globalSetup: _, globalTeardown: __, ...config } = everything

export default {
  ...config,
  testMatch: ['<rootDir>/services/*/src/*/*.test.ts', '<rootDir>/packages/amounts/src/*.test.ts'],
  // Hashing a password is slow on purpose, and no rule.
  testPathIgnorePatterns: [...config.testPathIgnorePatterns, '/password\\.actions\\.test\\.ts$'],
  testTimeout: 20_000,
  injectGlobals: false,
  watchman: false,
}
