export { type ProjectedTable, type Projection, type Total } from './projection.js'
export { type Difference, Rebuilder, type RebuildOptions, type Rebuilt } from './rebuilder.js'
