import { describe, expect, test } from '@jest/globals'
import { passwordRefusal } from './password.ts'

describe('what a password must be', () => {
  test.each([
    ['abcdefghi', 'must have at least 10 characters'],
    ['abcdefghij', undefined],
    ['abcd'.repeat(50), undefined],
    [`${'abcd'.repeat(50)}e`, 'must have at most 200 characters'],
    ['Alice.Miller', 'must not be the username'],
    ['alice.millers', undefined],
    ['aaaabbbbcccc', 'must have at least 4 different characters'],
    ['aaaabbbbcccd', undefined],
    ['a good one it is', undefined],
    ['密码密码很长很长的一个', undefined],
  ])('%s', (password, message) => {
    const refusal = passwordRefusal(password, 'alice.miller', '/password')
    expect(refusal?.errors).toEqual(message === undefined ? undefined : [{ pointer: '/password', message }])
    expect(refusal === undefined).toBe(message === undefined)
  })
})
