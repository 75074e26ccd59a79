/** A connection that is made on first use, and anew after any error: the client does not always mend one by itself. */

/** See {@link reconnecting}. */
export interface Reconnecting<Connection> {
  /** Throws what the work throws; the connection is closed then, and the next use makes another. */
  readonly use: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>
  readonly close: () => Promise<void>
}

/** Keeps one connection for all who use it. */
export function reconnecting<Connection extends { disconnect(): Promise<void> }>(
  connect: () => Promise<Connection>,
): Reconnecting<Connection> {
  let current: Promise<Connection> | undefined
  const close = async (): Promise<void> => {
    const old = current
    current = undefined
    await old?.then((connection) => connection.disconnect()).catch(() => undefined)
  }
  return {
    use: async (work) => {
      current ??= connect()
      try {
        return await work(await current)
      } catch (error) {
        await close()
        throw error
      }
    },
    close,
  }
}
