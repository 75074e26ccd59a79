/** Whether the services are ready, as each reports at `/health/ready`. */
import http from 'node:http'
import { type ServiceName, serviceNames } from './services.ts'

/** The readiness of one service. */
export interface ServiceReadiness {
  readonly ready: boolean
  /** Its report: what it waits for, how far behind its copies are. */
  readonly says: unknown
}

/** The readiness of all services. */
export interface Readiness {
  readonly ready: boolean
  /** False until the demo data is in and every copy has caught up with it; null where there is none. */
  readonly seeded: boolean | null
  readonly services: Readonly<Record<string, ServiceReadiness>>
}

const patienceMs = 2_000

/**
 * Asks all services at once.
 *
 * @param isOpen is everything done that comes before the first request?
 * @param seeds is demo data a part of that?
 */
export async function isReady(
  services: Readonly<Record<ServiceName, string>>,
  isOpen: boolean,
  seeds: boolean,
): Promise<Readiness> {
  const answers = await Promise.all(serviceNames.map((name) => askService(services[name])))
  const said = Object.fromEntries(serviceNames.map((name, index) => [name, answers[index]]))
  return {
    ready: isOpen && answers.every((answer) => answer.ready),
    seeded: seeds ? isOpen : null,
    services: said as Record<string, ServiceReadiness>,
  }
}

/** Asks one service; one that does not answer is not ready. */
export function askService(base: string): Promise<ServiceReadiness> {
  return new Promise((resolve) => {
    const request = http.get(`${base}/health/ready`, { timeout: patienceMs, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => (text += part))
      answer.once('end', () => resolve({ ready: answer.statusCode === 200, says: parsed(text) }))
      answer.once('error', () => resolve({ ready: false, says: 'broken answer' }))
    })
    request.once('timeout', () => request.destroy(new Error('no answer in time')))
    request.once('error', (error) => resolve({ ready: false, says: error.message }))
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
