export { BEHIND, stepBack } from './step-back.js'
