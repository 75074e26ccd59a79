import { describe, expect, test } from '@jest/globals'
import { createHealth, type HealthCheck } from './health.ts'

const failing: HealthCheck = () => Promise.reject(new Error('the bus is away'))
const slow =
  (ms: number): HealthCheck =>
  () =>
    new Promise((resolve) => setTimeout(resolve, ms))

/** What is asked while the service starts, and what is added until it is released. */
const table: [title: string, early: Record<string, HealthCheck>, asked: number, added: Record<string, HealthCheck>][] =
  [
    ['a check is added that fails, and it was asked before', {}, 1, { bus: failing }],
    ['a check is added that fails, and it was asked often', { database: slow(1) }, 5, { bus: failing }],
    ['it was asked, and the answer is not there yet', { database: slow(100) }, 1, { bus: failing }],
    ['nobody asked before', {}, 0, { bus: failing }],
  ]

describe('from the moment of its release a service is as ready as all its checks say', () => {
  test.each(table)('where %s', async (_title, early, asked, added) => {
    const checks = { ...early }
    const health = createHealth(checks)
    const answers = Array.from({ length: asked }, () => health.ready())
    Object.assign(checks, added)
    health.release()
    expect((await health.ready()).ready).toBe(false)
    // Nor does an answer that was asked for before say so afterwards.
    expect((await Promise.all(answers)).map(({ ready }) => ready)).not.toContain(true)
  })

  test('and ready at once where they hold', async () => {
    const checks: Record<string, HealthCheck> = {}
    const health = createHealth(checks)
    expect(await health.ready()).toEqual({ ready: false, reason: 'starting', checks: {} })
    Object.assign(checks, { database: () => Promise.resolve() })
    health.release()
    expect(await health.ready()).toEqual({ ready: true, checks: { database: { ok: true } } })
  })

  test('nor is it ready while it is held again', async () => {
    const health = createHealth({})
    health.release()
    expect((await health.ready()).ready).toBe(true)
    health.hold('shutting down')
    expect(await health.ready()).toMatchObject({ ready: false, reason: 'shutting down' })
  })
})
