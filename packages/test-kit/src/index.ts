export { type CallOptions, type Client, clientFor, type Reply, until } from './client.ts'
export { exitOf } from './exit.ts'
export { type Authority, type Certificate, makeAuthority } from './certificates.ts'
export { isAlive } from './guardian.ts'
export { plantedCases, type PlantedCase, type PlantedData, violatedBy } from './invariants.ts'
export { brokerAnswers } from './kafka.answers.ts'
export { compressionsOf } from './kafka.segments.ts'
export {
  type ForeignProducer,
  sendByJava,
  type Sending,
  sendings,
  startJavaProducer,
  startProducer,
} from './kafka.producers.ts'
export { kafkaMissing, type KafkaOptions, type KafkaServer, startKafka, startOwnKafka } from './kafka.ts'
export { meeting, type Meeting } from './meeting.ts'
export { type TestDatabase, testDatabase } from './postgres.ts'
export { freePort, type PostgresOptions, type PostgresServer, startPostgres } from './postgres.server.ts'
export { type Standby, startStandby } from './postgres.standby.ts'
export { type Pgbouncer, type PgbouncerOptions, pgbouncerMissing, startPgbouncer } from './pgbouncer.ts'
export { securedKafkaMissing, type SecuredKafka, type SecuredKafkaOptions, startSecuredKafka } from './kafka.secured.ts'
