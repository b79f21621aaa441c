/** An answer's text without what does not change its meaning: fonts, sizes, spaces, currency, full-width and vulgar forms. */

const vulgar: Record<string, string> = {
  '½': '1/2',
  '⅓': '1/3',
  '⅔': '2/3',
  '¼': '1/4',
  '¾': '3/4',
  '⅕': '1/5',
  '⅖': '2/5',
  '⅗': '3/5',
  '⅘': '4/5',
  '⅙': '1/6',
  '⅚': '5/6',
  '⅛': '1/8',
  '⅜': '3/8',
  '⅝': '5/8',
  '⅞': '7/8',
}
const greek: Record<string, string> = {
  α: 'alpha',
  β: 'beta',
  γ: 'gamma',
  δ: 'delta',
  ε: 'epsilon',
  ζ: 'zeta',
  η: 'eta',
  θ: 'theta',
  κ: 'kappa',
  λ: 'lambda',
  μ: 'mu',
  ν: 'nu',
  ξ: 'xi',
  ρ: 'rho',
  σ: 'sigma',
  τ: 'tau',
  φ: 'phi',
  χ: 'chi',
  ψ: 'psi',
  ω: 'omega',
}
const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'
const subscripts = '₀₁₂₃₄₅₆₇₈₉'

/** What stands for one sign, whole commands only. */
const commands: [RegExp, string][] = [
  [/\\[dtc]frac(?![A-Za-z])/g, '\\frac'],
  [/\\[dt]binom(?![A-Za-z])/g, '\\binom'],
  [
    /\\(?:left|right|[bB]igg?[lrm]?|displaystyle|limits|hspace\{[^{}]*\}|q?quad|thinspace|normalsize|large|Large|LARGE|huge|Huge)(?![A-Za-z])/g,
    ' ',
  ],
  [/\\(?:text)?color\s*\{[A-Za-z]{1,20}\}/g, ''],
  [/\\mathbb\s*(?:\{\s*R\s*\}|R(?![A-Za-z]))|\\(?:R|reals|Reals)(?![A-Za-z])/g, 'ℝ'],
  [/\\(?:setminus|smallsetminus|backslash)(?![A-Za-z])/g, '∖'],
  [/\{([^{}]{1,60}?)\\choose(?![A-Za-z])([^{}]{1,60})\}/g, '\\binom{$1}{$2}'],
  [/(?<!\\)\\!/g, ''],
  [/(?<!\\)\\[,;: ]|~|&nbsp;/g, '\u2009'],
  [/\\(?:leqslant|leqq|leq|le)(?![A-Za-z])|≤|⩽/g, '<='],
  [/\\(?:geqslant|geqq|geq|ge)(?![A-Za-z])|≥|⩾/g, '>='],
  [/\\(?:neq|ne)(?![A-Za-z])|≠/g, '!='],
  [/\\lt(?![A-Za-z])/g, '<'],
  [/\\gt(?![A-Za-z])/g, '>'],
  [/\\(?:lbrace|\{)/g, '⦃'],
  [/\\(?:rbrace|\})/g, '⦄'],
  [/\\lbrack(?![A-Za-z])/g, '['],
  [/\\rbrack(?![A-Za-z])/g, ']'],
  [/\\langle(?![A-Za-z])|⟨/g, '('],
  [/\\rangle(?![A-Za-z])|⟩/g, ')'],
  [/\\(?:[lr]?vert|mid)(?![A-Za-z])/g, '|'],
  [/\\(?:cup|bigcup)(?![A-Za-z])/g, '∪'],
  [/\\(?:infty|infin)(?![A-Za-z])/g, '∞'],
  [/\\(?:emptyset|varnothing)(?![A-Za-z])|⦃\s*⦄/g, '∅'],
  [/\^\s*\{?\s*\\circ\s*\}?|\\degree(?![A-Za-z])/g, '°'],
  [/\\pm(?![A-Za-z])/g, '±'],
  [/\\in(?![A-Za-z])/g, '∈'],
  [/\\%/g, '%'],
  [/\\[$£€]|[$£€¥￥]/g, ''],
  [/\\colon(?![A-Za-z])/g, ':'],
  // periods as China has them
  [/\\dot\s*\{?(\d)\}?(\d{0,40})\\dot\s*\{?(\d)\}?/g, '\\overline{$1$2$3}'],
  [/(?<=\.\d{0,40})\\dot\s*\{?(\d)\}?/g, '\\overline{$1}'],
  [/(?<!\d)\.\\overline/g, '0.\\overline'],
  [/\\(?:approx|doteq|simeq)(?![A-Za-z])/g, '≈'],
  [/(?<!\p{Script=Han})\s*或\s*(?!\p{Script=Han})/gu, ' or '],
  [/\\overline\s*\{([A-Za-z]+)\}|\\(?:angle|triangle)(?![A-Za-z])/g, '$1'],
  [/\b([ap])\.\s?m\b\.?/gi, '$1m'],
  [/\^\s*\{?(\d+)\}?\s*\/\s*_\s*\{?(\d+)\}?/g, '\\frac{$1}{$2}'],
]
const fonts = /\\(?:text(?:bf|it|rm|sf|tt|normal)?|math(?:bf|it|rm|sf|tt|bb|cal)|mbox|operatorname\*?)\s*\{([^{}]*)\}/g
const wrappers = /\\(?:boldsymbol|bm|bold|underline|fbox|boxed|phantom)\s*\{([^{}]*)\}/g

/** The text as it is compared. Takes time in proportion to its length. */
export function cleanAnswer(answer: string): string {
  let text = answer
    .replaceAll('ℝ', '\\mathbb{R}')
    .replace(/[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]/g, (sign) => {
      const [over, under] = vulgar[sign]!.split('/')
      return `\\frac{${over}}{${under}}`
    })
    .replace(/[⁰¹²³⁴-⁹]+/g, (signs) => `^{${[...signs].map((sign) => superscripts.indexOf(sign)).join('')}}`)
    .replace(/[₀-₉]+/g, (signs) => `_{${[...signs].map((sign) => subscripts.indexOf(sign)).join('')}}`)
    .normalize('NFKC')
    // what is not seen, and the Chinese list and full stop
    .replace(/[\u200b-\u200f\u2060\ufeff\u0000-\u0008\u000e-\u001f]/g, '')
    .replaceAll('、', ',')
    .replaceAll('。', '.')
    .replaceAll('−', '-')
    .replace(/[α-ω]/g, (letter) => (greek[letter] === undefined ? letter : `\\${greek[letter]} `))
  for (const [pattern, replacement] of commands) text = text.replace(pattern, replacement)
  for (let nested = 0; nested < 4; nested++) text = text.replace(fonts, ' $1 ').replace(wrappers, '$1')
  // thin spaces between digits group them; anywhere else they are spaces
  text = text.replace(/(\d)\u2009(?=\d{3}(?!\d))/g, '$1').replaceAll('\u2009', ' ')
  text = text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.;,]$/, '')
    .trim()
  text = text
    .replace(/^\*\*([^*]*)\*\*$/, '$1')
    .replace(/^(?:the )?(?:final )?answer(?: is)?\s*:?\s+/i, '')
    // what is exact, and then a decimal near it
    .replace(/^([^≈]*[^≈\s])\s*≈\s*-?\d[\d.,]*$/, '$1')
    .replace(/^(?:USD|EUR|GBP|CNY|RMB|Rs\.?)\s*(?=\d)/, '')
    .replace(/^(?:the set of )?all real(?:s| numbers)$/i, 'ℝ')
    .replace(/^no (?:real )?solutions?$/i, '∅')
    // intervals as France has them
    .replace(/([[\]])([^[\](),]{1,80},[^[\](),]{1,80})([[\]])/g, (whole, open: string, ends: string, close: string) =>
      open === '[' && close === ']' ? whole : `${open === '[' ? '[' : '('}${ends}${close === ']' ? ']' : ')'}`,
    )
  return withoutGrouping(text.replaceAll('{,}', ','))
}

/** Thousands: 1,234,567 and 1 234 567, as India has them too; a pair such as (1,234) keeps its comma. */
function withoutGrouping(text: string): string {
  const grouped = /^([-+]?)(\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d{1,3}(?: \d{3})+)(?![\d,])/.exec(text)
  if (grouped === null) return text
  const rest = text.slice(grouped[0].length)
  return /^(?:\.\d|\s*[A-Za-z%\u3400-\u9fff]|\s*$)/.test(rest)
    ? grouped[1]! + grouped[2]!.replace(/[ ,]/g, '') + rest
    : text
}
