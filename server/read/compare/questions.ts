/** Single questions that two checkpoints were asked, with what each of them answered. */
import { SweepboardError } from '../../../domain/errors.ts'
import type { Context } from '../../base/context.ts'
import type { PairOutcome, QuestionRow, QuestionsPage, QuestionView } from '../../../contract/api/compare.ts'
import { type Item, type ItemsIndex, itemReader } from '../../tables/items.ts'
import { answersOf, type PairedItems, type PairedQuestion, pairItems } from './pair-items.ts'

type Pair = { first: number; second: number }

/** A search that takes longer tells how far it came. */
const mostSearchMilliseconds = 4000
/** What a row shows of a response without an answer that was found in it: its end. */
const shownCharacters = 80
const mostTextCharacters = 1_000_000

/**
 * Questions of these benchmarks that the two answered in this way, a page of them. `search` keeps those that hold it in the
 * prompt, the reference answer or a response, in any case. Throws `not-found`.
 */
export async function listQuestions(
  context: Context,
  input: Pair & { benchmarks: string[]; outcome: PairOutcome; search: string; offset: number; limit: number },
): Promise<QuestionsPage> {
  const wanted = input.search.trim().toLowerCase()
  const deadline = performance.now() + mostSearchMilliseconds
  const page: QuestionsPage = { rows: [], total: 0, ofKind: 0, lookedThrough: null }
  let looked = 0
  for (const benchmark of input.benchmarks) {
    const paired = await pairOf(context, input, benchmark)
    if (paired === null) continue
    const questions = paired.questions.filter(({ outcome }) => outcome === input.outcome)
    page.ofKind += questions.length
    const skipped = wanted === '' ? Math.min(questions.length, Math.max(0, input.offset - page.total)) : 0
    if (wanted === '') {
      page.total += skipped
      looked += questions.length
    }
    await withReaders(paired, async (read) => {
      for (const question of questions.slice(skipped)) {
        if (wanted === '') {
          page.total += 1
          if (page.rows.length === input.limit) continue
        } else if (performance.now() > deadline) return
        else looked += 1
        const items = await read(question)
        if (items === null || (wanted !== '' && !holds(items, wanted))) continue
        if (wanted !== '') page.total += 1
        if (page.rows.length < input.limit && (wanted === '' || page.total > input.offset))
          page.rows.push(rowOf(benchmark, question, items))
      }
    })
  }
  return { ...page, lookedThrough: looked < page.ofKind ? looked : null }
}

/** One question in full. Throws `not-found` where the two were not both asked it. */
export async function readQuestion(
  context: Context,
  input: Pair & { benchmark: string; id: string },
): Promise<QuestionView> {
  const paired = await pairOf(context, input, input.benchmark)
  const question = paired?.questions.find(({ id }) => id === input.id)
  const items = paired && question ? await withReaders(paired, (read) => read(question)) : null
  if (items === null)
    throw new SweepboardError(
      'not-found',
      `The answers to question ${input.id} of ${input.benchmark} are not there any more.`,
    )
  const [first, second] = items
  return {
    benchmark: input.benchmark,
    id: input.id,
    prompt: cut(first.prompt),
    otherPrompt: first.prompt === second.prompt ? null : cut(second.prompt),
    answer: first.answer ?? second.answer,
    first: { response: cut(first.response), given: first.given, correct: first.correct },
    second: { response: cut(second.response), given: second.given, correct: second.correct },
  }
}

async function pairOf(context: Context, { first, second }: Pair, benchmark: string): Promise<PairedItems | null> {
  const paired = await pairItems(benchmark, answersOf(context, 'A', first), answersOf(context, 'B', second))
  return paired.questions === null ? null : paired
}

type Read = (question: PairedQuestion) => Promise<[Item, Item] | null>

async function withReaders<Result>(
  paired: { first: ItemsIndex; second: ItemsIndex },
  work: (read: Read) => Promise<Result>,
): Promise<Result | null> {
  const readers = await Promise.all([itemReader(paired.first), itemReader(paired.second)])
  try {
    const [first, second] = readers
    if (first === null || second === null) return null
    return await work(async (question) => {
      const [one, two] = await Promise.all([first.read(question.first), second.read(question.second)])
      return one === null || two === null ? null : [one, two]
    })
  } finally {
    for (const reader of readers) await reader?.close()
  }
}

function holds([first, second]: [Item, Item], wanted: string): boolean {
  const texts = [first.prompt, first.answer ?? '', first.response, second.response]
  return texts.some((text) => text.toLowerCase().includes(wanted))
}

function rowOf(benchmark: string, { id, outcome }: PairedQuestion, [first, second]: [Item, Item]): QuestionRow {
  return {
    benchmark,
    id,
    outcome,
    answer: shown(first.answer ?? second.answer ?? ''),
    first: shown(first.given ?? lastOf(first.response)),
    second: shown(second.given ?? lastOf(second.response)),
  }
}

function lastOf(response: string): string {
  const text = response.trim().replaceAll(/\s+/g, ' ')
  return text.length > shownCharacters ? `…${text.slice(1 - shownCharacters)}` : text
}

function shown(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters - 1)}…` : text
}

function cut(text: string): string {
  return text.length > mostTextCharacters ? `${text.slice(0, mostTextCharacters)}\n… cut off here.` : text
}
