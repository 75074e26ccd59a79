/** Requests that a test has come at the same moment, whatever the machine does meanwhile. */

type Requests = readonly (() => Promise<unknown>)[]

/** Where they meet. Give `meet` to the service that is started. */
export interface Meeting {
  /** Each request that may be taken together with others waits here, while others are sent. */
  readonly meet: () => Promise<void>
  /**
   * Sends requests one after another, each when the one before has come or was answered, and lets those that have come go
   * on at the same moment, in that order.
   *
   * @returns of each what it is answered, when it is
   */
  readonly sendAtOnce: <const Sent extends Requests>(
    requests: Sent,
  ) => Promise<{ -readonly [Index in keyof Sent]: ReturnType<Sent[Index]> }>
  /** The same, and waits for all answers. */
  readonly atOnce: <const Sent extends Requests>(
    requests: Sent,
  ) => Promise<{ -readonly [Index in keyof Sent]: Awaited<ReturnType<Sent[Index]>> }>
}

/** Makes one, where nobody waits until requests are sent at once. */
export function meeting(): Meeting {
  let came: (() => void) | undefined
  let begins: Promise<void> | undefined
  const sendAtOnce = async (requests: Requests): Promise<Promise<unknown>[]> => {
    const begin = Promise.withResolvers<undefined>()
    begins = begin.promise.then(() => undefined)
    const answers: Promise<unknown>[] = []
    try {
      for (const request of requests) {
        const isHere = new Promise<void>((resolve) => (came = resolve))
        const answer = request()
        answers.push(answer)
        await Promise.race([isHere, answer.catch(() => undefined)])
      }
    } finally {
      came = begins = undefined
      begin.resolve(undefined)
    }
    return answers
  }
  return {
    meet: () => {
      came?.()
      return begins ?? Promise.resolve()
    },
    sendAtOnce: (requests) => sendAtOnce(requests) as never,
    atOnce: async (requests) => Promise.all(await sendAtOnce(requests)) as never,
  }
}
