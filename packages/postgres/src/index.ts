/** The PostgreSQL that comes with the installation: its programs, its data folder and its server. For `start` and for the tests. */
export { makeCluster, type ClusterOptions } from './cluster.ts'
export {
  findPrograms,
  asAccount,
  give,
  giveAll,
  NoPostgres,
  postgresAccount,
  type SystemAccount,
  type Programs,
} from './programs.ts'
export { fastShutdown, lastLines, serverCommand, untilReady, type ServerOptions, type ServerProcess } from './server.ts'
