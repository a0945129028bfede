export { stepBack } from './step-back.js'
