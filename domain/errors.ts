/** Codes by which callers tell the project's own errors apart; the API and the command line map each once. */
export type ErrorCode =
  /** The input is wrong: `issues` says where and what was expected. */
  | 'invalid'
  /** The named thing does not exist. */
  | 'not-found'
  /** The thing changed under the caller (a lost race), or the action does not apply in its present state. */
  | 'conflict'

/** One thing wrong with an input: where it stands and what to do about it. */
export type Issue = {
  /** Keys from the root, e.g. ["train", "command", 4]. */
  path: (string | number)[]
  /** A whole sentence that quotes the value and says what was expected. */
  message: string
  /** 1-based place in the file the input came from, where there was one. */
  line?: number
  column?: number
  /** A replacement that would mend it, offered as a button. */
  fix?: { label: string; value: string }
  /** It stands only as long as a person does not allow to write over the checkpoints of other sweeps. */
  overwrite?: true
}

/** An error a person can act on. Everything else that is thrown is a defect. */
export class SweepboardError extends Error {
  readonly code: ErrorCode
  readonly issues: Issue[]
  constructor(code: ErrorCode, message: string, issues: Issue[] = []) {
    super(message)
    this.name = 'SweepboardError'
    this.code = code
    this.issues = issues
  }
}
