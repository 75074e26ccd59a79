/** Hashing of passwords and of client secrets: argon2id, in PHC strings, two at a time. */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { Refused, refuse } from '@stockline/service-kit/refusal'

interface Parameters {
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}

/** As OWASP recommends for argon2id. Older hashes keep their own, which stand in the string. */
const parameters: Parameters = { memory: 19456, passes: 2, parallelism: 1 }
const tagLength = 32
const atOnce = 2
const mostWaiting = 500

const phcPattern = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** What an unknown user is compared with: as much work, and nothing matches. */
const nobodysNonce = randomBytes(16)

let working = 0
const waiting: (() => void)[] = []

/** Runs the work when it is its turn: hashing costs memory and a core, and must not starve everything else. */
export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (working >= atOnce) {
    if (waiting.length >= mostWaiting)
      throw new Refused({
        ...refuse('too-many-logins', 'throttled', 'Too many logins at this moment. Try again.'),
        retryAfterSeconds: 2,
      })
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else working += 1
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next === undefined) working -= 1
    else next()
  }
}

/** The PHC string to keep of a password. */
export function hashPassword(password: string): Promise<string> {
  return inTurn(async () => {
    const nonce = randomBytes(16)
    const tag = await derive(password, nonce, parameters)
    const { memory, passes, parallelism } = parameters
    return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(nonce)}$${unpadded(tag)}`
  })
}

/**
 * Is it the password of that hash? Without a hash it costs the same and is false, so that a stranger cannot learn
 * which users exist. Call it within `inTurn`.
 */
export async function passwordMatches(password: string, phc: string | undefined): Promise<boolean> {
  const parts = phc === undefined ? null : phcPattern.exec(phc)
  if (parts === null) {
    await derive(password, nobodysNonce, parameters)
    return false
  }
  const [, memory, passes, parallelism, nonce, tag] = parts
  const expected = Buffer.from(tag ?? '', 'base64')
  const found = await derive(password, Buffer.from(nonce ?? '', 'base64'), {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  })
  return expected.length === found.length && timingSafeEqual(expected, found)
}

/** Keyboards differ in how they compose letters: NFKC makes them the same bytes. */
function derive(password: string, nonce: Buffer, { memory, passes, parallelism }: Parameters): Promise<Buffer> {
  const message = Buffer.from(password.normalize('NFKC'))
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message, nonce, memory, passes, parallelism, tagLength }, (error, tag) => {
      if (error === null) resolve(tag)
      else reject(error)
    })
  })
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
