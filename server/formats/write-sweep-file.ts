/** A sweep as the text of a sweep file, laid out as a person would write it. Reading it back gives the same sweep. */
import { Document, type Node, Pair, parse, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import type { Issue } from '../../domain/errors.ts'
import { type Sweep, type SweepInput, sweepSchema } from '../../domain/sweep/sweep.ts'
import { numberWords, withoutWritten, type Written } from '../../domain/sweep/files/written.ts'
import { isText } from './texts-of-sweep.ts'

type Path = Issue['path']

/** A list or a map of at most so many characters stands on one line. */
const mostOnALine = 100
const alwaysOverLines = ['axes', 'when', 'train', 'evaluate', 'score']

/**
 * The sweep as YAML; what it leaves to the defaults is left out. Throws where the definition is none.
 */
export function writeSweepText(definition: Sweep | SweepInput): string {
  const { name, search, axes, when, trainer, config, init, train, checkpoint, evaluate, score, ...others } =
    sweepSchema.parse(withoutWritten(definition))
  const file = {
    name,
    search,
    axes,
    when,
    trainer,
    config,
    init,
    train: train && processOf(train, { retries: train.retries > 0 ? train.retries : undefined }),
    checkpoint,
    evaluate: evaluate && processOf(evaluate, { retries: evaluate.retries, report: reportOf(evaluate.report) }),
    score: score && { ...score, questions: Object.keys(score.questions).length > 0 ? score.questions : undefined },
    ...others,
  }
  // every scalar is a text to this schema: how it reads to a sweep file is decided here, not by what YAML takes for a number
  const document = new Document(null, { schema: 'failsafe' })
  document.contents = nodeOf(file, [], definition.written) as never
  return document.toString({ lineWidth: 0, flowCollectionPadding: false, blockQuote: false, singleQuote: false })
}

type Process = NonNullable<Sweep['train'] | Sweep['evaluate']>

function processOf({ command, gpus, env, ...process }: Process, last: object): object {
  return { command, gpus, env: Object.keys(env).length > 0 ? env : undefined, ...process, ...last }
}

function reportOf({ file, ...others }: NonNullable<Sweep['evaluate']>['report']): object | undefined {
  const isDefault = file === '${report}' && Object.values(others).every((value) => value === undefined)
  return isDefault ? undefined : { file, ...others }
}

function nodeOf(value: unknown, path: Path, written: Written | undefined): Node {
  if (typeof value !== 'object' || value === null) return scalarOf(value, path, written)
  const node = Array.isArray(value) ? new YAMLSeq() : new YAMLMap()
  if (Array.isArray(value)) node.items = value.map((item, index) => nodeOf(item, [...path, index], written))
  else {
    node.items = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => new Pair(keyOf(key), nodeOf(item, [...path, key], written)))
  }
  const isOneLine = node.items.length === 0 || (JSON.stringify(value)?.length ?? 0) <= mostOnALine
  node.flow = path.length > 0 && isOneLine && !(path.length === 1 && alwaysOverLines.includes(String(path[0])))
  return node
}

/** A name that is a merge key where it stands without quotes has them. */
function keyOf(key: string): Scalar {
  const scalar = new Scalar(key)
  if (key === '<<') scalar.type = Scalar.QUOTE_DOUBLE
  return scalar
}

function scalarOf(value: unknown, path: Path, written: Written | undefined): Scalar {
  if (typeof value === 'number' && path[0] === 'config' && Number.isFinite(value))
    return new Scalar(Object.is(value, -0) ? '-0.0' : numberWords(value, path.slice(1).join('.'), written))
  if (typeof value !== 'string') {
    const words = Object.is(value, -0) ? '-0.0' : String(value)
    return new Scalar(words.replace(/^(-?)Infinity$/, '$1.inf').replace(/^NaN$/, '.nan'))
  }
  const scalar = new Scalar(value)
  if (!isPlain(value, isText(path))) scalar.type = Scalar.QUOTE_DOUBLE
  return scalar
}

/** A longer text is not tried: quotes do it no harm, and thousands of `*a` in it are as many errors to the parser. */
const mostTried = 1000

/** Whether the text may stand without quotes: it reads as itself, or, where only texts are expected, as a number or a boolean. */
function isPlain(value: string, textsOnly: boolean): boolean {
  // what nearly every value of an axis is, of which there may be a hundred thousand
  if (textsOnly && /^[A-Za-z0-9][\w.+-]*$/.test(value) && !/^null$/i.test(value)) return true
  if (value.length > mostTried) return false
  try {
    const read: unknown = parse(value, { logLevel: 'silent', prettyErrors: false })
    return read === value || (textsOnly && (typeof read === 'number' || typeof read === 'boolean'))
  } catch {
    return false
  }
}
