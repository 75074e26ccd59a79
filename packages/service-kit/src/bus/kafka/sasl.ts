/** Authentication at the brokers, for each mechanism of SASL. */
import type { Authenticator, SASLOptions } from 'kafkajs'
import { createTokens, type Tokens } from './tokens.ts'
import type { KafkaSasl } from './config.ts'

/** How the client authenticates; secrets are read at each login. */
export function saslOptions(sasl: KafkaSasl): SASLOptions {
  if (sasl.mechanism === 'OAUTHBEARER') {
    const tokens = createTokens(sasl.token)
    return {
      mechanism: 'oauthbearer',
      authenticationProvider: ({ saslAuthenticate }: { saslAuthenticate: SaslAuthenticate }) =>
        bearer(tokens, saslAuthenticate),
    } as unknown as SASLOptions
  }
  const { username, password } = sasl
  const mechanism = sasl.mechanism.toLowerCase()
  // The client reads the property at each login, as often as it connects.
  return {
    mechanism,
    username,
    get password() {
      return password()
    },
  } as SASLOptions
}

type SaslAuthenticate = (exchange: {
  readonly request: { encode(): Promise<Buffer> }
  readonly response: { decode(raw: Buffer): Promise<Buffer>; parse(bytes: Buffer): Promise<string> }
}) => Promise<string>

/**
 * The client's own way takes a refused token for a good one: the broker answers it without an error code, with the reason
 * where nothing should be.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7628#section-3.2.3
 */
function bearer(tokens: Tokens, saslAuthenticate: SaslAuthenticate): Authenticator {
  return {
    authenticate: async () => {
      const message = Buffer.from(`n,,\u0001auth=Bearer ${await tokens.current()}\u0001\u0001`)
      const refusal = await saslAuthenticate({
        request: { encode: () => Promise.resolve(withLength(message)) },
        response: {
          decode: (raw) => Promise.resolve(raw.subarray(4)),
          parse: (bytes) => Promise.resolve(bytes.toString()),
        },
      }).catch((error: unknown) => {
        tokens.forget()
        throw error
      })
      if (refusal === '') return
      tokens.forget()
      throw Object.assign(new Error(refusal), { name: 'KafkaJSSASLAuthenticationError' })
    },
  }
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
