export { type CallOptions, type Client, clientFor, type Reply, until } from './client.ts'
export { kafkaMissing, type KafkaOptions, type KafkaServer, startKafka, startOwnKafka } from './kafka.ts'
export { type TestDatabase, testDatabase } from './postgres.ts'
export { freePort, type PostgresOptions, type PostgresServer, startPostgres } from './postgres.server.ts'
