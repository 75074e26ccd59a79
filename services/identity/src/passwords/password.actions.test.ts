import { describe, expect, test } from '@jest/globals'
import { hashPassword, inTurn, passwordMatches } from './password.actions.ts'

describe('hashes', () => {
  test('a password matches its own hash, in the PHC form, and no other does', async () => {
    const hash = await hashPassword('a good one it is')
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(await passwordMatches('a good one it is', hash)).toBe(true)
    expect(await passwordMatches('a good one it was', hash)).toBe(false)
    expect(await hashPassword('a good one it is')).not.toBe(hash)
  })

  test('one who is not there costs the same work and never matches', async () => {
    expect(await passwordMatches('a good one it is', undefined)).toBe(false)
  })

  test('composed and decomposed letters are the same password', async () => {
    expect(await passwordMatches('caf\u00e9-caf\u00e9-1', await hashPassword('cafe\u0301-cafe\u0301-1'))).toBe(true)
  })

  test('two work at once, the others wait their turn', async () => {
    let working = 0
    let most = 0
    await Promise.all(
      Array.from({ length: 9 }, () =>
        inTurn(async () => {
          most = Math.max(most, (working += 1))
          await new Promise((resolve) => setTimeout(resolve, 2))
          working -= 1
        }),
      ),
    )
    expect(most).toBe(2)
  })

  test('a failure gives its turn back', async () => {
    for (let round = 0; round < 3; round += 1)
      await expect(inTurn(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await inTurn(() => Promise.resolve('yes'))).toBe('yes')
  })
})
