/** What tests of other packages need to stand a database server up, hurt it and look into it. */
export { type Arming, FRONT_FAULTS, type FrontFault } from './front-faults.ts'
export { type FrontProcess, startFrontProcess } from './front-process.ts'
export { sampleRows } from './sample-rows.ts'
export { openTcpProxy, type ProxyFault, type TcpProxy } from './tcp-proxy.ts'
export { migratedClickHouse, type TempClickHouse } from './temp-clickhouse.ts'
