/**
 * Why a program failed, as its log says it: the sentence that names the cause stands above the last words of launchers
 * (torchrun, accelerate, Ray) and trackers (W&B), in the traceback of a worker, after a progress bar, or on stdout.
 */

/** `line` is the place among the lines that were given; of two logs, the one whose reason is of more `weight` tells why. */
export type FailureReason = { text: string; line: number; weight: number }

type Found = Omit<FailureReason, 'weight'>

/** What launchers and log systems write before a worker's line. */
const prefixes =
  /^(?:\[(?:rank|default|worker)?\d+\]:? ?|\[\d+,\d+\]<std(?:err|out)>:|\([^()]{1,80}pid=\d+[^()]{0,80}\) ?|(?:node|host)?[\w.-]{0,40}?\d+: (?=Traceback|  File|\w+Error)|[EWIF]\d{4} [\d:.]+ +\d+ [\w/.-]+:\d+\] ?|(?:ERROR|CRITICAL|WARNING|INFO) \d\d-\d\d [\d:]+ \[[\w./-]+:\d+\] ?|\d{4}-\d\d-\d\d [\d:,.]+ ?(?:-|\|)? ?(?:ERROR|CRITICAL) ?(?:-|\|)? ?|E +(?=\w+Error))/

/** An exception's own line: its type, dotted or not, and what it says. */
const exceptionLine =
  /^((?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit|Timeout|NotFound|Overflow|Failure|Died|Warning)|[A-Za-z_][\w.]*\.(?:RayTaskError|RayActorError)\([\w.]+\))(?::\s?(.*))?$/

/** Exceptions that tell of another's failure, or of the end itself: they are taken only where there is nothing better. */
const secondary =
  /^(?:\S*(?:ChildFailedError|CalledProcessError|SystemExit|KeyboardInterrupt|BrokenPipeError|ConnectionResetError|EOFError|EngineDeadError|RayActorError|WorkerCrashedError|BrokenProcessPool|ProcessExitedException|CancelledError|DistBackendError)\b)|Engine core initialization failed|See root cause above|DataLoader worker .* (?:exited|is killed)|Engine process failed|NCCL (?:error|communicator)|remote process exited|Watchdog caught|ProcessGroupNCCL|leaked semaphore|Connection closed by peer|worker process\S* .*(?:died|exited)/i

/** Lines that are themselves the cause, whoever prints them; the first that fits is the strongest. */
const causes: readonly RegExp[] = [
  /\b(?:torch\.)?(?:cuda\.)?OutOfMemoryError\b|CUDA out of memory|CUDA error: out of memory|HIP out of memory/i,
  /oom[-_ ]kill|Out of memory: Killed process|Cannot allocate memory|std::bad_alloc|Memory cgroup out of memory/i,
  /No space left on device|Disk quota exceeded/i,
  /CUDA error: |device-side assert|CUDNN_STATUS_\w+|CUBLAS_STATUS_\w+|no CUDA-capable device|CUDA driver version is insufficient/i,
  /insufficient shared memory|Bus error|^terminate called after throwing|Segmentation fault|Illegal instruction|Floating point exception/i,
  /Address already in use|EADDRINUSE/i,
  /^\S{1,80}\.(?:py|sh): error: |: error: (?:unrecognized|argument|the following arguments|ambiguous option)/,
  /: command not found|: No such file or directory|: Permission denied|: not found$|cannot execute binary file|unbound variable|syntax error near/,
  /^(?:\S+: )?(?:fatal|panic|FATAL)(?: error)?: |^\s*what\(\): |^(?:Uncaught )?(?:\w*Error): |Assertion [`'].* failed/,
  /core dumped/,
  /DUE TO TIME LIMIT|CANCELLED AT|slurmstepd: error/,
  /^(?:ERROR|Error|error|CRITICAL|FATAL)\b[: ]/,
]

/** Last words that say nothing: trackers' good-byes, tables of launchers, rules, progress bars, empty lines. */
const noise =
  /^\s*$|^wandb:|^[\s=\-*#_~+|]+$|^\s*(?:time|host|rank|exitcode|error_file|traceback)\s*:|<NO_OTHER_FAILURES>|^(?:Failures|Root Cause).*:$|^\S+ FAILED$|^\[\d+\]:$|\d+%\|.*\|\s*\d+\/\d+|it\/s\]|s\/it\]|^\s*File ".*", line \d+|^Traceback|^Sending process \d+ closing signal|resource_tracker|^\[?W\d{4}|warnings\.warn|For debugging consider|Compile with|(?:^|\s)note: run with|^The above exception|^During handling|^\s+\^+|^\s*raise |^\s*sys\.exit|^srun: |^make: \*\*\*|^ERROR:torch\.distributed|failed \(exitcode: |^exit status|^Exited with/

const escapes = /\u001b\[[0-9;?]*[A-Za-z]|\u001b\][^\u0007]*\u0007/g
const mostCharacters = 300

/** The text after the last carriage return: what a progress bar had drawn before stands before it. */
function shown(line: string): string {
  const plain = line.replace(escapes, '').replace(/\r+$/, '')
  return plain.slice(plain.lastIndexOf('\r') + 1)
}

function bare(line: string): string {
  let text = line.slice(0, 4000)
  for (let times = 0; times < 3; times++) {
    const next = text.replace(prefixes, '')
    if (next === text) break
    text = next
  }
  return text
}

/**
 * The line that names the cause, cut to a readable length, and where it stands; null where nothing does. `lines`: the end of
 * a log, in order. The last exception that is not a consequence of another wins; then words that are a cause by themselves;
 * then the last line that says something.
 */
export function failureReason(lines: readonly string[]): FailureReason | null {
  const texts = lines.map((line) => bare(shown(line)))
  const exceptions = findExceptions(texts)
  const primary = exceptions.findLast(({ text }) => !secondary.test(text))
  if (primary !== undefined) return cut(primary, 4)
  const named = causeIn(texts)
  if (named !== null) return cut(named, 3)
  const consequence = exceptions.at(-1)
  if (consequence !== undefined) return cut(consequence, 2)
  const last = texts.findLastIndex((text) => !noise.test(text))
  return last < 0 ? null : cut({ text: texts[last]!, line: last }, 1)
}

/** The last lines of tracebacks, and exceptions named without one (a syntax error), in order. */
function findExceptions(texts: readonly string[]): Found[] {
  const found: Found[] = []
  let frames = false
  for (const [line, text] of texts.entries()) {
    if (/^\s*Traceback \(most recent call last\)|^\s*File ".*", line \d+/.test(text)) frames = true
    const exception = exceptionLine.exec(text.trim())
    if (exception === null || exception[1]!.endsWith('Warning')) continue
    // a caught exception that is only mentioned stands within a sentence; one with its traceback does not
    if (!frames && !/(?:Error|Exception)$/.test(exception[1]!)) continue
    frames = false
    found.push({ text: wholeMessage(texts, line, exception), line })
  }
  return found
}

/** An assertion without words is told by what it asserted; a message of several lines by its first. */
function wholeMessage(texts: readonly string[], line: number, [whole, , message]: RegExpExecArray): string {
  if (message?.trim()) return whole
  const above = texts[line - 1]?.trim() ?? ''
  if (/^(?:assert|raise)\b/.test(above)) return `${whole.replace(/:\s*$/, '')}: ${above}`
  const below = texts[line + 1]?.trim() ?? ''
  return message !== undefined && below !== '' && !noise.test(below) ? `${whole.trim()} ${below}` : whole
}

function causeIn(texts: readonly string[]): Found | null {
  for (const cause of causes) {
    const line = texts.findLastIndex((text) => cause.test(text) && !text.startsWith('wandb:'))
    if (line < 0) continue
    // C++ says what went wrong on the line below
    const what = texts[line]!.startsWith('terminate called') ? /^\s*what\(\):\s*(.*)/.exec(texts[line + 1] ?? '') : null
    return { text: what ? what[1]! : texts[line]!.replace(/^\s*what\(\):\s*/, ''), line }
  }
  return null
}

function cut({ text, line }: Found, weight: number): FailureReason {
  const trimmed = text.trim()
  return { text: trimmed.length > mostCharacters ? `${trimmed.slice(0, mostCharacters - 1)}…` : trimmed, line, weight }
}
