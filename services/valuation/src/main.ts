import { runService } from '@stockline/service-kit'
import { valuation } from './app.ts'

await runService(valuation)
