/** Stands for `@jest/globals` where tests run outside of Jest: the same functions from where Jest has them. */
export { expect } from 'expect'
export { afterAll, afterEach, beforeAll, beforeEach, describe, it, test } from 'jest-circus'
