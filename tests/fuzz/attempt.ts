/**
 * attempt.ts CASES INDEX [REPORT]: one attempt that writes and leaves what its case says. A training where no report is named, else the
 * evaluation of what that training saved.
 */
import { spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { leaveEntries } from './entries.ts'
import type { HostileAttempt } from './attempts.ts'

const [cases, index, report] = process.argv.slice(2)
const attempt = (JSON.parse(readFileSync(cases!, 'utf8')) as HostileAttempt[])[Number(index)]!
const folder = process.env.SWEEPBOARD_RUN_DIR!
const bytes = (text: string) => Buffer.from(text, 'latin1')

if (report === undefined) {
  mkdirSync(path.join(folder, 'saved'))
  writeFileSync(path.join(folder, 'saved/model.txt'), 'x')
  writeFileSync(process.env.SWEEPBOARD_EVENTS!, '{"type":"metrics","step":1,"values":{"loss":1}}\n')
  if (attempt.saves) appendFileSync(process.env.SWEEPBOARD_EVENTS!, '{"type":"checkpoint","step":1,"path":"saved"}\n')
  appendFileSync(process.env.SWEEPBOARD_EVENTS!, bytes(attempt.events))
  leaveEntries(folder, attempt.trainingLeaves)
} else {
  writeFileSync(report, bytes(attempt.report))
  leaveEntries(folder, attempt.evaluationLeaves)
}
const ending = report === undefined ? attempt.trainingEnds : attempt.evaluationEnds
if (ending === 'with a child') spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }).unref()
if (ending === 'without its folder') rmSync(folder, { recursive: true, force: true })
if (ending === 'killed') process.kill(process.pid, 'SIGKILL')
process.exitCode = ending === 'badly' ? 3 : 0
