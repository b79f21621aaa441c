/** Answers made to be hard: for the tests and the benchmark of the grader. */
import type { RandomStream } from '../rng.ts'

const pieces =
  '1|2|12|999|0.5|x|y|a|\\frac|\\sqrt|{|}|(|)|[|]|+|-|*|/|^|!| | cm|%|\\pm|\\pi|\\sin|\\cup|=|<|\\le|,|;|\\boxed{|$|\\text{|\\overline{|_|∞|½|米|\\begin{pmatrix}|\\end{pmatrix}|&|\\\\|e|10^{|400!|°| and | or |\\{|\\}|\u200b|１|\\over|gcd(|\\log_|\\,|~'.split(
    '|',
  )

/** Up to 40 pieces of LaTeX in a row, one in a hundred of up to 300. */
export function randomAnswer(random: RandomStream): string {
  const most = random.uniform() < 0.01 ? 300 : 40
  const length = 1 + Math.floor(random.uniform() * most)
  return Array.from({ length }, () => pieces[Math.floor(random.uniform() * pieces.length)]).join('')
}

/** Every piece repeated 24 times, to 990 characters and to 100,000, and what is deep, large or long in other ways. */
export function hostileAnswers(): string[] {
  const repeated = pieces.flatMap((piece) =>
    [24 * piece.length, 990, 100_000].map((length) => `1${piece.repeat(Math.ceil(length / piece.length))}a`),
  )
  return [
    ...repeated,
    `a${'$'.repeat(100_000)}b`,
    `${'1000!+'.repeat(50)}1`,
    `${'999^{999}+'.repeat(40)}1`,
    `${'('.repeat(450)}1${')'.repeat(450)}`,
    `${'{'.repeat(450)}1${'}'.repeat(450)}`,
    '1,'.repeat(400),
    `${'x=1,'.repeat(59)}x=2`,
    `\\{${'\\sqrt{2}+x,'.repeat(59)}1\\}`,
    `${'\\sqrt{'.repeat(100)}2${'}'.repeat(100)}`,
    `${'2^'.repeat(150)}2`,
    `${'\\frac{1}{'.repeat(80)}2${'}'.repeat(80)}`,
    '1000!^{64}'.repeat(3),
    '\\boxed{1} and '.repeat(20_000),
    '\\boxed{'.repeat(50_000),
    Array.from({ length: 59 }, (_, at) => `1000!+${at}`).join(','),
    `${'-'.repeat(900)}1`,
    '1'.repeat(999),
    `${'9'.repeat(300)}^{${'9'.repeat(60)}}`,
    `\\sqrt[64]{${'9'.repeat(300)}}`,
    '10^{10^{10^{10^{10}}}}',
    `${'\\arcsin x+'.repeat(20)}x`,
    `${'\\sin 2+'.repeat(39)}1`,
    `${'\\tan '.repeat(39)}x`,
    Array.from({ length: 40 }, (_, at) => `\\arctan ${at}`).join(','),
    `\\{${Array.from({ length: 40 }, (_, at) => `x^{0.${at + 1}}`).join(',')}\\}`,
    '1000!\\pi',
    `\\binom{1000}{500}\\sqrt{${'7'.repeat(300)}}`,
    '1e400',
    '__proto__',
    'constructor',
  ]
}
