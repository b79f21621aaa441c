import { localExecutor } from '../../server/executors/local/local-executor.ts'
import { describeExecutor } from './executor-contract.ts'

describeExecutor('the local executor', () => localExecutor({ SWEEPBOARD_GPUS: '0', SWEEPBOARD_SLOTS: '2' }))
