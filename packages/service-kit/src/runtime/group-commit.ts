/**
 * Requests that come while others like them are being worked on wait, and are then taken together: what a transaction
 * costs is shared by many. A request after a quiet moment, or only behind its own client's earlier ones, is taken at once;
 * one close behind a group, or beside another, lingers for others.
 */
import { isConflict, isFault } from './fault.ts'
import type { Logger } from './logging.ts'
import { machineTime, sleepIn, type Time } from './time.ts'

/** A group's result for a member that it could not take: the member is retried individually. */
export const retryIndividually = Symbol('alone')
export type RetryIndividually = typeof retryIndividually

/** How members are taken. */
export interface GroupCommitOptions<Member, Result> {
  /** For the log, when a group fails. */
  readonly name: string
  /** Members of a group at most. */
  readonly most: number
  /** Names of which two members of one group share none: the later one is in a later group. */
  readonly apart: (member: Member) => readonly string[]
  /** Takes two members or more. All their results in the same order; `retryIndividually` for who is to be taken by itself. */
  readonly group: (members: readonly Member[]) => Promise<readonly (Result | RetryIndividually)[]>
  /** Takes one. */
  readonly single: (member: Member) => Promise<Result>
  readonly log: Logger
  /** What is waited for before each member, so that a test can decide which come at the same moment. */
  readonly meet?: Meet | undefined
}

/** Ends once a member may go on. Tests decide by it which members come at the same moment. */
export type Meet = () => Promise<void>

/** One that hangs, on a lock for example, delays the others no longer than this. */
const patienceMs = 50
/** In a steady stream a group is complete when none has come for `gapMs`, or after `longestMs`. */
const gapMs = 4
const longestMs = 25
/** After so long without a group the stream has ended: who comes is served at once. */
const quietMs = 50

interface Waiting<Member, Result> {
  readonly member: Member
  readonly names: readonly string[]
  readonly settle: PromiseWithResolvers<Result>
}

/**
 * Gives the function that takes a member, in a group where others come. A group that fails by a bug or by a deadlock,
 * which one of its members alone may have caused, changes nothing and its members are taken one by one; one that fails
 * by another fault of database or network fails for all of them.
 */
export function groupCommit<Member, Result>(
  options: GroupCommitOptions<Member, Result>,
  time: Time = machineTime,
): (member: Member) => Promise<Result> {
  const waiting: Waiting<Member, Result>[] = []
  let running = false
  let servedAt = Number.NEGATIVE_INFINITY
  let servedLast = 0
  /** Has another come while the last one was taken by itself? */
  let metSomebody = false

  const byItself = async ({ member, settle }: Waiting<Member, Result>): Promise<void> => {
    try {
      const result = await options.single(member)
      metSomebody = waiting.length > 0
      settle.resolve(result)
    } catch (error) {
      settle.reject(error)
    }
  }

  const commitGroup = async (group: readonly Waiting<Member, Result>[]): Promise<void> => {
    try {
      const results = await options.group(group.map(({ member }) => member))
      const left = group.filter((one, index) => {
        const result = results[index]
        if (result === retryIndividually) return true
        // What was done for it may be done: to take it again might do it twice.
        if (result === undefined) one.settle.reject(new Error(`${options.name}: the group left a result out.`))
        else one.settle.resolve(result)
        return false
      })
      await Promise.all(left.map(byItself))
    } catch (error) {
      if (isFault(error) && !isConflict(error)) {
        for (const { settle } of group) settle.reject(error)
        return
      }
      options.log.warn(
        { err: error, size: group.length, group: options.name },
        'a group failed; it is taken one by one',
      )
      await Promise.all(group.map(byItself))
    }
  }

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const inStream = time.now() - servedAt < quietMs
      if (inStream && (servedLast > 1 || waiting.length > 1 || metSomebody)) await gathered(time, waiting, options.most)
      metSomebody = false
      const group = takeGroup(waiting, options.most)
      const [only] = group
      const taking = group.length === 1 && only !== undefined ? byItself(only) : commitGroup(group)
      await noLongerThan(time, patienceMs, taking)
      servedAt = time.now()
      servedLast = group.length
    }
    running = false
  }

  return async (member) => {
    if (options.meet !== undefined) await options.meet()
    const settle = Promise.withResolvers<Result>()
    waiting.push({ member, names: options.apart(member), settle })
    if (!running) {
      running = true
      // All that arrive in this turn of the loop are in the first group.
      setImmediate(() => void run())
    }
    return settle.promise
  }
}

/** Waits for those that come close behind each other. */
async function gathered(time: Time, waiting: readonly unknown[], most: number): Promise<void> {
  const end = time.now() + longestMs
  for (let known = 0; known < waiting.length && waiting.length < most && time.now() < end;) {
    known = waiting.length
    await sleepIn(time, gapMs)
  }
}

/**
 * Takes the longest waiting, and those that can go with it. The names of those that are left stay reserved: none
 * goes before an earlier one with the same name.
 */
function takeGroup<Member, Result>(waiting: Waiting<Member, Result>[], most: number): Waiting<Member, Result>[] {
  const taken = new Set<string>()
  const group: Waiting<Member, Result>[] = []
  const left: Waiting<Member, Result>[] = []
  for (const one of waiting.splice(0)) {
    const fits = group.length < most && !one.names.some((name) => taken.has(name))
    for (const name of one.names) taken.add(name)
    if (fits) group.push(one)
    else left.push(one)
  }
  waiting.push(...left)
  return group
}

/** Resolves when the work has ended, or after that time. The work goes on. */
async function noLongerThan(time: Time, ms: number, work: Promise<void>): Promise<void> {
  let cancel: (() => void) | undefined
  const late = new Promise<void>((resolve) => (cancel = time.after(ms, resolve)))
  await Promise.race([work, late])
  cancel?.()
}
