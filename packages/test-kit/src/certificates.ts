import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A certificate and its private key, both PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** A certificate authority of a test. */
export interface Authority {
  /** Its own certificate, PEM. */
  readonly cert: string
  /** Signs a certificate, valid for two days; `expired` for one that was valid until yesterday. */
  sign(commonName: string, alternativeNames?: readonly string[], expired?: 'expired'): Certificate
}

/** Makes an authority with openssl. Names are as openssl has them: `DNS:localhost`, `IP:127.0.0.1`. */
export function makeAuthority(name = 'Test CA'): Authority {
  const own = inFolder((folder) => {
    openssl(folder, 'req', '-x509', ...keyed('ca'), '-out', 'ca.crt', '-days', '3', '-subj', `/CN=${name}`)
    return read(folder, 'ca')
  })
  return {
    cert: own.cert,
    sign: (commonName, alternativeNames = [], expired) =>
      inFolder((folder) => {
        writeFileSync(join(folder, 'ca.crt'), own.cert)
        writeFileSync(join(folder, 'ca.key'), own.key)
        const names = alternativeNames.length === 0 ? '' : `subjectAltName=${alternativeNames.join(',')}\n`
        writeFileSync(join(folder, 'extensions'), `${names}basicConstraints=CA:FALSE\n`)
        openssl(folder, 'req', '-new', ...keyed('leaf'), '-out', 'leaf.csr', '-subj', `/CN=${commonName}`)
        const signing = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'extensions']
        const days = expired === undefined ? '2' : '-1'
        openssl(folder, 'x509', '-req', '-in', 'leaf.csr', ...signing, '-days', days, '-out', 'leaf.crt')
        return read(folder, 'leaf')
      }),
  }
}

function keyed(name: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${name}.key`]
}

function openssl(folder: string, ...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
}

function read(folder: string, name: string): Certificate {
  const [cert, key] = ['crt', 'key'].map((suffix) => readFileSync(join(folder, `${name}.${suffix}`), 'utf8'))
  return { cert: cert ?? '', key: key ?? '' }
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'))
  try {
    return work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
