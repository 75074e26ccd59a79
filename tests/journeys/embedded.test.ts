import { describeJourneys } from './journeys.ts'

describeJourneys('embedded', () => Promise.resolve(undefined))
