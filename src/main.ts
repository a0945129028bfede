import 'reflect-metadata'
import { runProcess } from './process/run-process.js'

void runProcess()
