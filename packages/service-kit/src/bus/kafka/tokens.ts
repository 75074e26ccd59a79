/** Tokens for OAUTHBEARER: from a file, or fetched and cached until they nearly expire. */
import { readFileSync } from 'node:fs'
import type { TokenSource } from './config.ts'

/** Gives tokens for the brokers. */
export interface Tokens {
  /** @throws in one sentence when there is none */
  current(): Promise<string>
  /** The broker has refused the last one: it is not used again. */
  forget(): void
}

const fetchLimitMs = 5_000
/** A token is renewed when a fifth of its life is left. */
const partUsed = 0.8

/** A token from a file is read anew each time; one that was fetched is cached until it nearly expires. */
export function createTokens(source: TokenSource): Tokens {
  if ('file' in source) {
    return {
      current: () => Promise.resolve(readFileSync(source.file, 'utf8').trim()),
      forget: () => undefined,
    }
  }
  let cached: { readonly token: Promise<string>; renewAtMs: number } | undefined
  const forget = (): void => {
    cached = undefined
  }
  return {
    current: () => {
      if (cached === undefined || performance.now() >= cached.renewAtMs) {
        const fresh = { token: fetchToken(source).then(cacheToken), renewAtMs: Number.POSITIVE_INFINITY }
        cached = fresh
        fresh.token.catch(forget)
      }
      return cached.token
    },
    forget,
  }

  function cacheToken({ token, seconds }: { readonly token: string; readonly seconds: number }): string {
    if (cached !== undefined) cached.renewAtMs = performance.now() + seconds * 1_000 * partUsed
    return token
  }
}

/** The grant `client_credentials`, with the client's secret in the header. */
async function fetchToken(
  source: Exclude<TokenSource, { readonly file: string }>,
): Promise<{ readonly token: string; readonly seconds: number }> {
  const { url, clientId, clientSecret, scope } = source
  const login = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret())}`
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) })
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(login).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: form.toString(),
      signal: AbortSignal.timeout(fetchLimitMs),
    })
    if (!answer.ok) throw new Error(`it answers ${answer.status}`)
    const body = (await answer.json()) as { access_token?: unknown; expires_in?: unknown }
    if (typeof body.access_token !== 'string') throw new Error('its answer has no access_token')
    return { token: body.access_token, seconds: typeof body.expires_in === 'number' ? body.expires_in : 60 }
  } catch (error) {
    const cause = error instanceof Error ? (error.cause instanceof Error ? error.cause : error) : undefined
    throw new Error(`no token from KAFKA_SASL_TOKEN_URL ${url}: ${cause?.message ?? String(error)}`, { cause: error })
  }
}
