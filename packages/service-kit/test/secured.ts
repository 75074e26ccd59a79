/** A PostgreSQL that lets accounts in by TLS alone, with certificates and a password of the test. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { X509Certificate } from 'node:crypto'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { makeAuthority, startPostgres, until, type Certificate } from '@stockline/test-kit'
import pg from 'pg'
import { sql } from '../src/database/transaction.ts'

export const password = 'hunter2-correct-horse'
export const serverNames = ['DNS:localhost', 'IP:127.0.0.1']

/** Is this connection encrypted, and by which certificate of ours? */
export const inUse = sql(`select ssl, client_dn from pg_stat_ssl where pid = pg_backend_pid()`)

/** By TLS with a password, by TLS with a certificate besides, and without either. */
const rules = `
  host all postgres 127.0.0.1/32 trust
  hostssl all certified 127.0.0.1/32 scram-sha-256 clientcert=verify-full
  hostssl all all 127.0.0.1/32 scram-sha-256
`

/** Starts it, with the accounts `secured` and `certified`, and files for clients in `folder`. */
export async function securedServer() {
  const authority = makeAuthority('Ours')
  const stranger = makeAuthority('Stranger')
  const folder = mkdtempSync(join(tmpdir(), 'tls-'))
  const file = (name: string, content: string): string => {
    const path = join(folder, name)
    writeFileSync(path, content, { mode: 0o600 })
    return path
  }
  const server = await startPostgres({
    settings: ['ssl=on', 'ssl_ca_file=root.crt'],
    files: { ...filesOf(authority.sign('db', serverNames), authority.cert), 'pg_hba.conf': rules },
  })
  const asAdmin = async (text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    await client.query(text)
    await client.end()
  }
  await asAdmin(`create role secured login password '${password}'; create role certified login password '${password}'`)
  const own = authority.sign('certified')
  const files = {
    'ca.crt': authority.cert,
    'stranger.crt': stranger.cert,
    'client.crt': own.cert,
    'client.key': own.key,
  }
  for (const [name, content] of Object.entries(files)) file(name, content)
  file('other.key', stranger.sign('other').key)
  return {
    url: server.url,
    port: server.port,
    authority,
    stranger,
    folder,
    file,
    asAdmin,
    /** The address of an account; FOLDER in the query stands for the folder of the files. */
    address: (account: string, query: string, host = 'localhost', database = 'postgres') => {
      const named = account.includes(':') ? account : `${account}:${password}`
      return `postgresql://${named}@${host}:${server.port}/${database}?${query.replaceAll('FOLDER', folder)}`
    },
    /** From now on the server shows this certificate, and asks for clients of this authority. */
    present: async (certificate: Certificate, ca: string): Promise<void> => {
      for (const [name, content] of Object.entries(filesOf(certificate, ca))) server.write(name, content)
      await asAdmin('select pg_reload_conf()')
      const wanted = new X509Certificate(certificate.cert).raw
      await until('the new certificate', async () => (await certificateAt(server.port)).equals(wanted))
    },
    stop: async () => {
      await server.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

function filesOf({ cert, key }: Certificate, ca: string): Record<string, string> {
  return { 'server.crt': cert, 'server.key': key, 'root.crt': ca }
}

const tlsRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

function certificateAt(port: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const plain = connect(port, '127.0.0.1', () => plain.write(tlsRequest))
    plain.once('error', reject).once('data', () => {
      const secure = tls.connect({ socket: plain, rejectUnauthorized: false }, () => {
        const { raw } = secure.getPeerCertificate()
        secure.destroy()
        resolve(raw)
      })
      secure.once('error', reject)
    })
  })
}
