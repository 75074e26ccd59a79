import { runService } from '@stockline/service-kit'
import { stock } from './app.ts'

await runService(stock)
