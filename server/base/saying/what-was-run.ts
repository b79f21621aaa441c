/** What an attempt was run with, put together from its parts. */
import { type AttemptRow, findAttempt } from '../../../db/queries/attempts.ts'
import { findPart, listSnapshots, type PartKind } from '../../../db/queries/recorded.ts'
import type { RanParts } from '../../../domain/provenance/ran-differences.ts'
import { shortFile } from '../../../domain/provenance/code-states.ts'
import {
  type CodeSnapshot,
  type FileHashes,
  isDirty,
  type MachineState,
  type PythonState,
} from '../../../domain/provenance/what-was-run.ts'
import type { FileView, RanView } from '../../../contract/api/what-was-run.ts'
import type { Context } from '../context.ts'

function partOf<Content>(context: Context, kind: PartKind, hash: string | null): Content | null {
  const bytes = hash === null ? null : findPart(context.database, kind, hash)
  return bytes === null ? null : (JSON.parse(bytes.toString('utf8')) as Content)
}

/** The code that the attempt ran; null where a version that did not look started it. */
function snapshotOf(context: Context, { codeSnapshot }: AttemptRow): CodeSnapshot | null {
  return codeSnapshot === null ? null : (listSnapshots(context.database, [codeSnapshot]).get(codeSnapshot) ?? null)
}

/** The patch that an attempt's code differed from its commit by; null: it did not, or it is not known. */
export function patchOf(context: Context, jobId: number, number: number): Buffer | null {
  const attempt = findAttempt(context.database, jobId, number)
  const hash = attempt === undefined ? null : (snapshotOf(context, attempt)?.patch ?? null)
  return hash === null ? null : findPart(context.database, 'patch', hash)
}

/** Everything that was recorded of an attempt; null where there is none, or a version that did not look started it. */
export function ranParts(context: Context, jobId: number, number: number): RanParts | null {
  const attempt = findAttempt(context.database, jobId, number)
  const code = attempt === undefined ? null : snapshotOf(context, attempt)
  const ran = attempt?.ran ?? null
  if (code === null || ran === null) return null
  return {
    code,
    ran,
    python: partOf<PythonState>(context, 'python', ran.python),
    machine: partOf<MachineState>(context, 'machine', ran.machine),
    environment: partOf<Record<string, string>>(context, 'environment', ran.environment) ?? {},
  }
}

/** The same as pages show it. */
export function whatWasRun(context: Context, jobId: number, number: number): RanView | null {
  const parts = ranParts(context, jobId, number)
  if (parts === null) return null
  const { code, ran, python, machine, environment } = parts
  const { slots } = findAttempt(context.database, jobId, number)!
  const folders = [code.repository, ran.directory]
  const files = (hashes: FileHashes): FileView[] =>
    Object.entries(hashes).map(([file, hash]) => ({
      name: shortFile(file, folders),
      hash: hash === 'gone' ? null : hash,
    }))
  return {
    attempt: number,
    command: ran.command,
    directory: ran.directory,
    code: {
      repository: code.repository,
      commit: code.commit,
      branch: ran.branch,
      dirty: isDirty(code),
      problem: code.problem,
      changed: files(code.changed),
      named: files(code.named),
      beside: files(code.beside),
      patchBytes: patchOf(context, jobId, number)?.length ?? 0,
      cut: code.cut,
    },
    python,
    machine,
    gpus:
      machine === null || Object.keys(machine.gpus).length === 0
        ? []
        : slots.map((slot) => (machine.gpus[slot] ? `${slot}: ${machine.gpus[slot]}` : slot)),
    environment,
    variables: ran.variables,
    leftOut: ran.leftOut,
  }
}
