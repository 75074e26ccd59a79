/**
 * The address of a PostgreSQL database, read as libpq reads it: what `psql` and `pg_dump` take, the services take, and
 * TLS means the same. `pg` by itself gives `sslmode` another meaning, so it never sees these parameters.
 */
import { readFileSync } from 'node:fs'
import { checkServerIdentity, createSecureContext, type ConnectionOptions } from 'node:tls'
import type pg from 'pg'

/** An address, or how to read it anew for each connection: it may stand in a file, with a password that changes. */
export type DatabaseAddress = string | (() => string)

/** The content of an address. */
export interface ReadAddress {
  /** For `pg`: where, as whom, by TLS or not. */
  readonly client: Pick<pg.ClientConfig, 'connectionString' | 'ssl' | 'sslnegotiation'>
  /** Settings of the session in the address (`options=-c name=value`). */
  readonly settings: Readonly<Record<string, string>>
}

/** What is wrong with an address, as the rest of a sentence that begins with its variable. It repeats no password. */
export class AddressError extends Error {}

/** The error of an address that cannot be read at all. */
export const addressForm = 'must be like postgresql://user:password@host:5432/name'

const modes = ['disable', 'require', 'verify-ca', 'verify-full'] as const
type Mode = (typeof modes)[number]

const ours = ['sslmode', 'ssl', 'sslrootcert', 'sslcert', 'sslkey', 'sslpassword', 'sslnegotiation', 'options'] as const
type Parameters = Readonly<Partial<Record<(typeof ours)[number], string>>>

/**
 * Reads an address and the files that it names.
 *
 * @throws AddressFault
 */
export function readAddress(address: DatabaseAddress): ReadAddress {
  const text = typeof address === 'string' ? address : address()
  const [base, query] = splitAt(text, '?')
  if (!/^postgres(ql)?:\/\/\S+$/.test(base)) throw new AddressError(addressForm)
  const others = new URLSearchParams(query)
  const parameters: Parameters = Object.fromEntries(
    ours.flatMap((name) => {
      const value = others.get(name) ?? ''
      others.delete(name)
      return value === '' ? [] : [[name, value]]
    }),
  )
  const isSocket = others.get('host')?.startsWith('/') ?? /^postgres(ql)?:\/\/([^/]*@)?%2f/i.test(base)
  const tls = isSocket ? {} : tlsOf(parameters)
  return {
    client: { connectionString: others.size === 0 ? base : `${base}?${others.toString()}`, ...tls },
    settings: settingsIn(parameters.options ?? ''),
  }
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** `pg` reads `PGSSLMODE` where the address has no `sslmode`. A socket on this machine has no TLS, whatever is configured. */
function tlsOf(parameters: Parameters): Pick<pg.ClientConfig, 'ssl' | 'sslnegotiation'> {
  const mode = modeOf(parameters)
  if (mode === undefined) return {}
  if (mode === 'disable') return { ssl: false }
  const ssl = { ...trustOf(mode, parameters.sslrootcert), ...clientCertificate(parameters) }
  try {
    createSecureContext(ssl)
  } catch (error) {
    throw new AddressError(`names certificates or a key that do not go together or cannot be read: ${saying(error)}`)
  }
  return parameters.sslnegotiation === 'direct' ? { ssl, sslnegotiation: 'direct' } : { ssl }
}

function modeOf(parameters: Parameters): Mode | undefined {
  const { ssl, sslmode } = parameters
  if (sslmode === undefined) {
    if (ssl === 'true' || ssl === '1') return 'verify-full'
    const unused = ours.find((name) => name.startsWith('ssl') && name !== 'ssl' && parameters[name] !== undefined)
    if (unused !== undefined) throw new AddressError(`has ${unused} and no sslmode: add sslmode=verify-full`)
    return ssl === undefined ? undefined : 'disable'
  }
  const mode = modes.find((one) => one === sslmode)
  if (mode === undefined)
    throw new AddressError(`has sslmode=${sslmode}, which must be ${modes.join(', ')}: nothing falls back in silence`)
  return mode
}

/** Like libpq, `require` takes any certificate as long as no CA is named. */
function trustOf(mode: Mode, rootFile: string | undefined): ConnectionOptions {
  if (mode === 'require' && rootFile === undefined) return { rejectUnauthorized: false }
  if (mode === 'verify-ca' && rootFile === undefined)
    throw new AddressError('has sslmode=verify-ca without sslrootcert: name the file of the CA')
  const ca = rootFile === undefined || rootFile === 'system' ? {} : { ca: authoritiesIn(rootFile) }
  const anyHost = { checkServerIdentity: () => undefined }
  return { ...ca, ...(mode === 'verify-full' ? { checkServerIdentity } : anyHost) }
}

/** Node takes a file without a certificate, and one that is half written, as one without authorities. */
function authoritiesIn(path: string): string {
  const text = contentOf('sslrootcert', path)
  const [begun, ended] = ['BEGIN', 'END'].map((mark) => text.split(`-----${mark} CERTIFICATE-----`).length - 1)
  if (begun === 0 || begun !== ended)
    throw new AddressError(`has sslrootcert=${path}, which holds no whole certificate`)
  return text
}

function clientCertificate({ sslcert, sslkey, sslpassword }: Parameters): ConnectionOptions {
  if (sslcert === undefined && sslkey === undefined) return {}
  if (sslcert === undefined || sslkey === undefined) throw new AddressError('has only one of sslcert and sslkey')
  const passphrase = sslpassword === undefined ? {} : { passphrase: sslpassword }
  return { cert: contentOf('sslcert', sslcert), key: contentOf('sslkey', sslkey), ...passphrase }
}

function contentOf(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new AddressError(`has ${name}=${path}, which cannot be read (${saying(error)})`)
  }
}

/** The system's code, or OpenSSL's message. */
function saying(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code?.startsWith('E') === true && !code.startsWith('ERR_') ? code : message
}

/** `-c name=value --name=value`, with a backslash before a blank that belongs to a value. */
function settingsIn(options: string): Record<string, string> {
  const words = options.match(/(?:\\.|[^\s\\])+/g)?.map((word) => word.replace(/\\(.)/g, '$1')) ?? []
  const assignments = words
    .map((word, index) => (words[index - 1] === '-c' ? word : word.replace(/^(-c|--)(?=.)/, '')))
    .filter((word) => word !== '-c')
  return Object.fromEntries(
    assignments.map((assignment) => {
      const [name, value] = splitAt(assignment, '=')
      if (!/^[\w.-]+=/.test(assignment)) throw new AddressError(`has options that are not like -c name=value`)
      return [name.replaceAll('-', '_').toLowerCase(), value]
    }),
  )
}
