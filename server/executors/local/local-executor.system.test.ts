import { describeExecutor } from '../executor.contract.ts'
import { localExecutor } from './local-executor.ts'

describeExecutor('the local executor', localExecutor)
