/** What the API gives of what an attempt was run with. */
import type { MachineState, PythonState } from '../../domain/provenance/what-was-run.ts'

/** A file by its path, short where it stands in the repository or in the command's folder; null: it is gone. */
export type FileView = { name: string; hash: string | null }

export type CodeView = {
  repository: string | null
  commit: string | null
  branch: string | null
  /** Whether anything that git keeps differed from the commit; null: not known. */
  dirty: boolean | null
  /** Why git could not be asked. */
  problem: string | null
  changed: FileView[]
  named: FileView[]
  beside: FileView[]
  /** Bytes of the patch that is kept; 0: none. */
  patchBytes: number
  /** Of a patch too large to be kept whole: how many files are in it, of how many. */
  cut: { kept: number; of: number } | null
}

export type RanView = {
  attempt: number
  command: string[]
  directory: string
  code: CodeView
  /** null: the command finds no Python. */
  python: PythonState | null
  /** null: it ran on a machine that is not looked at. */
  machine: MachineState | null
  /** The GPUs that it held, with their names where these are known. */
  gpus: string[]
  /** Of the server's own environment, what matters; and what the sweep sets. */
  environment: Record<string, string>
  variables: Record<string, string>
  /** Names of variables that look secret: nothing of them was kept. */
  leftOut: string[]
}
