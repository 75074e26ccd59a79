import { runService } from '@stockline/service-kit'
import { identity } from './app.ts'

await runService(identity)
