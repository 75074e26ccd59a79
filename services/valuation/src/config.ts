/** Valuation has no variables of its own: those of the company are common to all services. */
import { minorDigitsOf } from '@stockline/amounts'
import type { ServiceConfig } from '@stockline/service-kit'
import type { Company } from './journal/entry.ts'

/** How the company counts money and days. */
export function companyOf(config: Pick<ServiceConfig, 'company' | 'currency' | 'timeZone'>): Company {
  const { company: code, currency, timeZone } = config
  return { code, currency, minorDigits: minorDigitsOf(currency), timeZone }
}
