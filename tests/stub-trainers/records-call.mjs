/**
 * records-call.mjs [ARGUMENT ...]
 * Writes how it was called to SWEEPBOARD_RUN_DIR/call.json (by rename): its arguments to the byte, its folder and the
 * environment that matters; then exits 0. Called as an evaluation it also writes the report that job.json asks for, with an
 * accuracy of 1 for the benchmark `called`.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => /^(SWEEPBOARD_|CUDA_VISIBLE_DEVICES$|STUB_)/.test(name)),
)
const file = path.join(process.env.SWEEPBOARD_RUN_DIR, 'call.json')
const call = { arguments: process.argv.slice(2), directory: process.cwd(), environment }
writeFileSync(`${file}.partial`, JSON.stringify(call))
renameSync(`${file}.partial`, file)

const { evaluation } = JSON.parse(readFileSync(process.env.SWEEPBOARD_JOB, 'utf8'))
if (evaluation) writeFileSync(evaluation.report, '{"acc":{"called":1}}')
