// For TypeORM's command line alone (`npm run orm -- migration:show`, on DATABASE_URL); src never imports it.
import { createDataSource } from './src/database/data-source.js'

export default createDataSource(process.env['DATABASE_URL'] ?? '', { poolSize: 1, name: 'typeorm' })
