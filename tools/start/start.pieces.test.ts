import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lastLines } from '@stockline/postgres'
import { useBus, markDrained, whyNotOn } from './bus-memory.ts'
import { hold, openDataFolder, recall, remember } from './data-folder.ts'
import { carriers } from './launcher.ts'
import { rotate } from './log-files.ts'
import { checkPorts } from './ports.ts'
import { inspectCluster } from './postgres.cluster.ts'
import { markOf, stillRuns } from './process-table.ts'
import { markSeeded, seedKey, stockSteps, useSeed } from './seed.ts'
import { CannotStart, readSettings } from './settings.ts'
import { isWorthSaying, pauseBefore, supervise } from './supervisor.ts'
import { isCalm } from './waiting.ts'
import { z } from 'zod'

let scratch: string
const silent = (): void => undefined

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'stockline-start-'))
})
afterEach(() => {
  rmSync(scratch, { recursive: true, force: true })
})

describe('the data folder', () => {
  test('is made with all that is missing above it', () => {
    const folder = openDataFolder(join(scratch, 'a', 'b'), undefined, silent)
    expect(statSync(folder.logs).isDirectory()).toBe(true)
  })

  test('a file in its place, or on the way to it, is named in a sentence', () => {
    const file = join(scratch, 'file')
    writeFileSync(file, '')
    for (const path of [file, join(file, 'below')]) {
      expect(() => openDataFolder(path, undefined, silent)).toThrow(CannotStart)
      expect(() => openDataFolder(path, undefined, silent)).toThrow(`${file} is a file, not a folder`)
    }
  })

  test('is held by one start at a time', () => {
    const folder = openDataFolder(scratch, undefined, silent)
    const held = hold(folder)
    expect(() => hold(folder)).toThrow(`already runs on the data folder ${folder.path} (process ${process.pid})`)
    held.release()
    hold(folder).release()
  })

  test('the lock of a process that is gone counts for nothing, and its children that still run are found', async () => {
    const folder = openDataFolder(scratch, undefined, silent)
    const child = spawn('sleep', ['60'])
    await once(child, 'spawn')
    const mark = markOf(child.pid!)!
    const lock = {
      start: { pid: 999_999_999, began: '1' },
      children: { stock: mark, picking: { ...mark, began: 'earlier' } },
    }
    writeFileSync(folder.file('start.lock'), JSON.stringify(lock))
    const held = hold(folder)
    expect(held.remains).toEqual([{ name: 'stock', ...mark }])
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(stillRuns(mark)).toBe(false)
    held.release()
  })

  test('a lock that was cut off in writing counts for nothing', () => {
    const folder = openDataFolder(scratch, undefined, silent)
    writeFileSync(folder.file('start.lock'), '{"start":')
    hold(folder).release()
  })

  test('remembers secrets so that only we can read them, and says when they are damaged', () => {
    const folder = openDataFolder(scratch, undefined, silent)
    remember(folder, 'demo.json', { password: 'x' })
    expect(statSync(folder.file('demo.json')).mode & 0o777).toBe(0o600)
    expect(recall(folder, 'demo.json', z.object({ password: z.string() }))).toEqual({ password: 'x' })
    expect(recall(folder, 'other.json', z.string())).toBeUndefined()
    writeFileSync(folder.file('demo.json'), '{')
    expect(() => recall(folder, 'demo.json', z.unknown())).toThrow('demo.json is damaged')
  })
})

describe('a cluster', () => {
  const folderWith = (...files: string[]): ReturnType<typeof openDataFolder> => {
    const folder = openDataFolder(scratch, undefined, silent)
    for (const file of files) {
      mkdirSync(join(scratch, file, '..'), { recursive: true })
      writeFileSync(join(scratch, file), '18\n')
    }
    return folder
  }

  test('that was being made when everything was killed is made anew', () => {
    const folder = folderWith('postgres.unfinished/PG_VERSION')
    expect(inspectCluster(folder, silent)).toBe('absent')
    expect(() => statSync(join(scratch, 'postgres.unfinished'))).toThrow()
  })

  test('that is half made and holds no data is put aside, not deleted', () => {
    const said: string[] = []
    const folder = folderWith('postgres/base/1/112')
    expect(inspectCluster(folder, (line) => said.push(line))).toBe('absent')
    expect(said.join()).toContain('was only half made and held no data: moved to')
  })

  test('that holds data but is damaged is a reason not to start', () => {
    const folder = folderWith('postgres/base/16384/112', 'postgres/global/pg_control')
    expect(() => inspectCluster(folder, silent)).toThrow("PostgreSQL's own files are missing from it")
  })

  test('of another version is a reason not to start', () => {
    const folder = folderWith('postgres/base/1/112', 'postgres/global/pg_control', 'postgres/PG_VERSION')
    expect(inspectCluster(folder, silent)).toBe('whole')
    writeFileSync(join(scratch, 'postgres/PG_VERSION'), '17\n')
    expect(() => inspectCluster(folder, silent)).toThrow('was made by PostgreSQL 17')
  })
})

describe('the bus of a data folder', () => {
  test('cannot be changed before it is drained, and the sentence says how to', () => {
    const folder = openDataFolder(scratch, undefined, silent)
    useBus(folder, 'embedded')
    useBus(folder, 'embedded')
    expect(() => useBus(folder, 'kafka')).toThrow('DRAIN=1 npx -y pnpm@10 start without KAFKA_BROKERS')
    markDrained(folder, 'embedded')
    useBus(folder, 'kafka')
    expect(() => useBus(folder, 'embedded')).toThrow('DRAIN=1 npx -y pnpm@10 start with its KAFKA_BROKERS')
  })

  test('work after the draining makes it undrained again', () => {
    const folder = openDataFolder(scratch, undefined, silent)
    markDrained(folder, 'kafka')
    useBus(folder, 'kafka')
    expect(() => useBus(folder, 'embedded')).toThrow(CannotStart)
    expect(whyNotOn('kafka', undefined)).toBeUndefined()
  })
})

describe('ports', () => {
  test('one that is taken is named, with who needs it and what chooses another', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const taken = typeof address === 'object' && address !== null ? address.port : 0
    const settings = readSettings({ PORT: String(taken - 2) }, '/')
    await expect(checkPorts(settings, false)).rejects.toThrow(`Port ${taken}, which the service stock needs, is in use`)
    await expect(checkPorts(settings, false)).rejects.toThrow(/PORT=\d+ npx -y pnpm@10 start/)
    server.close()
  })
})

describe('supervising', () => {
  test('pauses grow to two seconds, and repeated restarts are told now and then', () => {
    expect([1, 2, 3, 4, 5, 20].map(pauseBefore)).toEqual([200, 400, 800, 1_600, 2_000, 2_000])
    expect([1, 2, 3, 4, 29, 30, 31].filter(isWorthSaying)).toEqual([1, 2, 3, 30])
  })

  test('a killed process is back, and a stopped one stays away', async () => {
    const said: string[] = []
    const pids: number[] = []
    const again = Promise.withResolvers<undefined>()
    const one = supervise({
      name: 'sleeper',
      spawn: () => spawn('sleep', ['60']),
      say: (line) => said.push(line),
      onSpawn: (child) => {
        if (pids.push(child.pid!) === 2) again.resolve(undefined)
      },
    })
    process.kill(pids[0]!, 'SIGKILL')
    await again.promise
    expect(said).toEqual(['sleeper was ended by SIGKILL; it is started again'])
    await one.stop('SIGTERM', 5_000)
    expect(markOf(pids[1]!)).toBeUndefined()
    expect(pids).toHaveLength(2)
  })

  test.each([
    [2, ['sleeper ended with code 2: it refuses to run, and is not started again. Its log says why'], 1],
    [1, ['sleeper ended with code 1; it is started again'], 2],
  ])('one that ends with code %i', async (code, told, times) => {
    const said: string[] = []
    let spawned = 0
    const again = Promise.withResolvers<undefined>()
    const one = supervise({
      name: 'sleeper',
      refusal: 2,
      spawn: () => spawn('/bin/sh', ['-c', `exit ${spawned === 0 ? code : 0}`]),
      say: (line) => {
        said.push(line)
        if (code === 2) again.resolve(undefined)
      },
      onSpawn: () => {
        spawned += 1
        if (spawned === 2) again.resolve(undefined)
      },
    })
    await again.promise
    expect(one.hasRefused()).toBe(code === 2)
    await one.stop('SIGTERM', 5_000)
    expect(said).toEqual(told)
    expect(spawned).toBe(times)
  })

  test('one that does not listen is ended by force', async () => {
    const one = supervise({
      name: 'deaf',
      spawn: () => spawn('/bin/sh', ['-c', 'trap "" TERM; while :; do sleep 0.05; done']),
      say: silent,
      onSpawn: silent,
    })
    await new Promise((resolve) => setTimeout(resolve, 200))
    const pid = one.running()?.pid
    await one.stop('SIGTERM', 200)
    expect(markOf(pid!)).toBeUndefined()
  })
})

describe('who carries our call', () => {
  const above = (...commands: string[][]): ReturnType<typeof carriers> =>
    carriers(commands.map((command, index) => ({ mark: { pid: index, began: '' }, command })))
  const pids = (marks: ReturnType<typeof carriers>): number[] => marks.map((mark) => mark.pid)
  const pnpm = ['node', '/home/somebody/.npm/_npx/1/node_modules/.bin/pnpm', 'start']

  test('npx, its shell and pnpm; not the shell of the person, whatever stands in it', () => {
    const shell = ['bash', '-c', 'npx -y pnpm@10 start']
    expect(pids(above(pnpm, ['sh', '-c', "'pnpm' start"], ['npm exec pnpm@10 start'], shell, ['sshd']))).toEqual([
      0, 1, 2,
    ])
    expect(pids(above(['node', '/usr/lib/node_modules/pnpm/bin/pnpm.cjs', 'start'], shell))).toEqual([0])
    expect(pids(above(shell, ['init']))).toEqual([])
    expect(pids(above())).toEqual([])
  })
})

describe('logs', () => {
  test('one that has grown too large is kept once and begun anew', () => {
    const file = join(scratch, 'stock.log')
    writeFileSync(file, 'old line\n'.repeat(10))
    rotate(file, 1_000)
    expect(statSync(file).size).toBe(90)
    rotate(file, 50)
    expect(statSync(file).size).toBe(0)
    expect(readFileSync(`${file}.1`, 'utf8')).toContain('old line')
    expect(lastLines(`${file}.1`, 2)).toEqual(['old line', 'old line'])
    expect(lastLines(join(scratch, 'none.log'), 2)).toEqual([])
  })
})

describe('the seed', () => {
  test('is chosen at the beginning of a data folder, which remembers it', () => {
    const empty = openDataFolder(join(scratch, 'empty'), undefined, silent)
    expect([useSeed(empty, 'none'), useSeed(empty, undefined), useSeed(empty, 'none')]).toEqual([
      'none',
      'none',
      'none',
    ])
    expect(() => useSeed(empty, 'demo')).toThrow('This folder was begun without demo data.')
    const demo = openDataFolder(join(scratch, 'demo'), undefined, silent)
    expect([useSeed(demo, undefined), useSeed(demo, 'demo')]).toEqual(['demo', 'demo'])
    expect(() => useSeed(demo, 'none')).toThrow('This folder was begun with demo data.')
  })

  test('of a folder that was seeded before it was remembered is the demo', () => {
    const folder = openDataFolder(scratch, undefined, silent)
    markSeeded(folder)
    expect(() => useSeed(folder, 'none')).toThrow(CannotStart)
    expect(useSeed(folder, undefined)).toBe('demo')
  })

  test('each step has its own key, and the same one every time', () => {
    const steps = stockSteps.flat()
    const keys = steps.map(seedKey)
    expect(new Set(keys).size).toBe(steps.length)
    expect(steps.map(seedKey)).toEqual(keys)
    expect(keys.every((key) => z.uuid().safeParse(key).success)).toBe(true)
  })

  test('is in when nobody has anything left to send or to take', () => {
    const metrics = (depth: number, lag: string): string =>
      `# TYPE stockline_outbox_depth gauge\nstockline_outbox_depth{service="stock"} ${depth}\nstockline_consumer_lag{service="stock"}${lag}\n`
    expect(isCalm(metrics(0, ' 0'))).toBe(true)
    expect(isCalm(metrics(1, ' 0'))).toBe(false)
    expect(isCalm(metrics(0, ' 3'))).toBe(false)
    expect(isCalm('stockline_outbox_depth{service="stock"} 0\n')).toBe(false)
    expect(isCalm('')).toBe(false)
  })
})
