/** The connections to the brokers: plain or by TLS, with what the files hold when they are made. */
import { readFileSync } from 'node:fs'
import { connect, isIP, type Socket } from 'node:net'
import {
  connect as connectSecurely,
  createSecureContext,
  type ConnectionOptions,
  type SecureContext,
  type SecureContextOptions,
} from 'node:tls'
import { credentialFiles, type KafkaSecurity, type KafkaTls, tlsErrors } from './config.ts'
import type { BusLogger } from '../logger.ts'

/** Makes sockets, and makes long-lived ones go when the credentials have changed. */
export interface KafkaSockets {
  readonly open: (place: { readonly host: string; readonly port: number; readonly onConnect: () => void }) => Socket
  /** Looks no more whether the files have changed. */
  stop(): void
}

/** How often the files are looked at. */
const lookEveryMs = 20_000
/** Old connections end one after another, not all in one moment. */
const betweenEndsMs = 250

/** Makes the maker of sockets. */
export function createSockets(security: KafkaSecurity, logger: BusLogger, everyMs = lookEveryMs): KafkaSockets {
  const contexts = secureContexts()
  const open = new Set<Socket>()
  const read = credentialFiles(security)
  let known = quietly(read)
  const renew = (): void => {
    const now = quietly(read)
    if (now === undefined || now === known) return
    const faults = security.tls === undefined ? [] : tlsErrors(security.tls)
    if (faults.length > 0) {
      // Half of the files are new, perhaps: the old connections are good until the rest has come.
      logger.warn({ faults }, 'the credentials for Kafka have changed and are not usable yet')
      return
    }
    known = now
    logger.info({ connections: open.size }, 'the credentials for Kafka have changed: connections are made anew')
    for (const [index, socket] of [...open].entries())
      setTimeout(() => socket.destroy(new Error('the credentials have changed')), index * betweenEndsMs).unref()
  }
  const timer = setInterval(renew, everyMs).unref()
  return {
    open: ({ host, port, onConnect }) => {
      const { tls } = security
      // Small requests go at once: kafkajs leaves Nagle's algorithm on, which holds them back for an acknowledgment.
      const socket =
        tls === undefined
          ? connect({ host, port }).once('connect', onConnect)
          : connectSecurely({ host, port, ...tlsOptions(host, contexts(tls)) }).once('secureConnect', onConnect)
      open.add(socket)
      return socket
        .setNoDelay(true)
        .setKeepAlive(true, 10_000)
        .once('close', () => open.delete(socket))
    },
    stop: () => {
      clearInterval(timer)
    },
  }
}

/** An IP address has no server name; it is verified all the same. */
export function tlsOptions(host: string, secureContext: SecureContext): ConnectionOptions {
  return { secureContext, ...(isIP(host) === 0 ? { servername: host } : {}) }
}

/** Reads the files and makes what OpenSSL needs of them. @throws when one cannot be read or is not what it should be */
export function secureContextOf(tls: KafkaTls): SecureContext {
  return createSecureContext(contentOf(tls))
}

function contentOf({ caFile, client }: KafkaTls): SecureContextOptions {
  const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file, 'utf8'))
  return {
    ca: read(caFile),
    cert: read(client?.certFile),
    key: read(client?.keyFile),
    passphrase: client?.keyPassword?.(),
    minVersion: 'TLSv1.2',
  }
}

/** The files are read each time; the context is made anew only when they differ. */
function secureContexts(): (tls: KafkaTls) => SecureContext {
  let last: { readonly text: string; readonly context: SecureContext } | undefined
  return (tls) => {
    const content = contentOf(tls)
    const text = JSON.stringify(content)
    if (last?.text !== text) last = { text, context: createSecureContext(content) }
    return last.context
  }
}

function quietly(read: () => string): string | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
