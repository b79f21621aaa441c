/**
 * Models that were asked the same questions: which of them each answered right, held a bit a question, and how alike they
 * answered. What is common to all (an easy question, a hard one) moves all scores together and says nothing of who is better.
 */
import { ownValue } from '../own-value.ts'

/** How two models answered the same questions, in numbers of questions. */
export type PairCounts = { both: number; onlyFirst: number; onlySecond: number; neither: number }

/** Answers to one set of questions, a row a model, in the rows' order of whoever asks. */
export type AnswerColumns = {
  questions: number
  /** 32-bit words a row. */
  words: number
  /** Row after row; a bit is 1 where the question was answered right. */
  bits: Uint32Array
  /** 1 where the row's answers to these very questions are known. */
  known: Uint8Array
}

/** How alike models answered a benchmark, and what that rests on. */
export type Agreement = {
  /** Of the answers of two models that are about equally good, over the questions (phi); 0 to 0.98. */
  correlation: number
  /**
   * The same with a quarter of a question that all have right and one that nobody has: where few answers tell, models may have more in
   * common than they show. Absent in what an earlier version stored.
   */
  cautious?: number
  questions: number
  /** How many models' answers it rests on. */
  models: number
}

/** What is known of all checkpoints of a sweep together. */
export type SweepAgreement = {
  /** By benchmark of the baseline whose answers are known. */
  benchmarks: Record<string, Agreement>
  /** The share of a score's variance by its questions that the checkpoints do not have in common. */
  own: number
}

/** Beyond so many models more of them say nothing new; these are taken evenly. */
const mostModels = 300
/** Each model is compared with so many next ones in the order of right answers. */
const neighbours = 2
/** Two models are never taken to be one. */
const highestCorrelation = 0.98
/** Of a question, in each of the four outcomes: for each accuracy alone this is Jeffreys' prior. */
const prior = 0.25

export function emptyAnswers(questions: number, rows: number): AnswerColumns {
  const words = Math.ceil(questions / 32)
  return { questions, words, bits: new Uint32Array(words * rows), known: new Uint8Array(rows) }
}

/** Writes a row: `right` gives whether a question, by its place, was answered right. */
export function setAnswers(answers: AnswerColumns, row: number, right: (question: number) => boolean): void {
  const { questions, words, bits, known } = answers
  const from = row * words
  bits.fill(0, from, from + words)
  for (let question = 0; question < questions; question++)
    if (right(question)) bits[from + (question >> 5)]! |= 1 << (question & 31)
  known[row] = 1
}

/** Questions that a row answered right. */
export function rightAt({ words, bits }: AnswerColumns, row: number): number {
  let right = 0
  for (let word = row * words; word < (row + 1) * words; word++) right += onesIn(bits[word]!)
  return right
}

/** How two rows answered, in numbers of questions. Both must be known. */
export function pairAt({ questions, words, bits }: AnswerColumns, first: number, second: number): PairCounts {
  let [both, ofFirst, ofSecond] = [0, 0, 0]
  for (let word = 0; word < words; word++) {
    const [one, two] = [bits[first * words + word]!, bits[second * words + word]!]
    both += onesIn(one & two)
    ofFirst += onesIn(one)
    ofSecond += onesIn(two)
  }
  return {
    both,
    onlyFirst: ofFirst - both,
    onlySecond: ofSecond - both,
    neither: questions - ofFirst - ofSecond + both,
  }
}

/** Bits that are 1, added up in parallel. */
function onesIn(word: number): number {
  let sum = word - ((word >>> 1) & 0x55555555)
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333)
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** The correlation of two models' answers, with a quarter of a question in each outcome. */
export function correlationOf({ both, onlyFirst, onlySecond, neither }: PairCounts): number {
  const [a, b, c, d] = [both + prior, onlyFirst + prior, onlySecond + prior, neither + prior]
  const correlation = (a * d - b * c) / Math.sqrt((a + b) * (c + d) * (a + c) * (b + d))
  return Math.min(highestCorrelation, correlation)
}

/**
 * How alike models answered that are about equally good: of each and its next two neighbours in the order of right answers the
 * covariance over the mean variance. Of models that differ much, part of what they do not share is that the questions tell them
 * apart more or less than others would; that makes nobody look better than another as good. null with fewer than two rows,
 * or where none ever varies.
 */
export function agreementOf(answers: AnswerColumns): Agreement | null {
  const { questions, known } = answers
  const rows = Array.from(known.keys()).filter((row) => known[row] === 1)
  const models = Math.min(rows.length, mostModels)
  if (models < 2 || questions < 2) return null
  const rights = Array.from({ length: models }, (_, at) => {
    const row = rows[Math.floor((at * rows.length) / models)]!
    return { row, right: rightAt(answers, row) }
  }).toSorted((a, b) => a.right - b.right || a.row - b.row)
  let [covariances, variances] = [0, 0]
  let [cautious, ofCautious] = [0, 0]
  const all = questions + 2 * prior
  for (const [at, { row, right }] of rights.entries()) {
    for (const other of rights.slice(at + 1, at + 1 + neighbours)) {
      const { both } = pairAt(answers, row, other.row)
      covariances += both / questions - (right * other.right) / questions ** 2
      variances += variance((right + other.right) / 2 / questions)
      cautious += (both + prior) / all - ((right + prior) * (other.right + prior)) / all ** 2
      ofCautious += variance(((right + other.right) / 2 + prior) / all)
    }
  }
  // no question or every question was answered right by all: nothing is known of how alike they are
  if (variances === 0) return null
  return {
    correlation: within(covariances / variances),
    cautious: within(cautious / ofCautious),
    questions,
    models,
  }
}

const variance = (rate: number) => rate * (1 - rate)
const within = (correlation: number) => Math.max(0, Math.min(highestCorrelation, correlation))

/**
 * How alike several seeds are taken to have answered a benchmark: what they share is not made smaller by their number, so it is never
 * taken for too little. 0 where nobody's answers are known.
 */
export function sharedBySeeds(agreement: SweepAgreement | null, benchmark: string): number {
  if (agreement === null) return 0
  // that nobody's answers ever varied, or are known of others alone, is no sign that they differ
  const known = ownValue(agreement.benchmarks, benchmark)
  return known === undefined ? highestCorrelation : (known.cautious ?? known.correlation)
}
