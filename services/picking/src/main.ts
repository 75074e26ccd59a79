import { runService } from '@stockline/service-kit'
import { picking } from './app.ts'

await runService(picking)
