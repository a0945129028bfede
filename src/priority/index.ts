export { BEHIND, stepBack } from './step-back.js'
export { type Backend, stepBackendBack } from './step-backend-back.js'
