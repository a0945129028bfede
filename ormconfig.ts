// For TypeORM's command line alone (`npx typeorm migration:show -d dist-orm/ormconfig.js`); src never imports it.
import { createDataSource } from './src/database/data-source.js'

export default createDataSource(process.env['DATABASE_URL'] ?? '', { poolSize: 1, name: 'typeorm' })
