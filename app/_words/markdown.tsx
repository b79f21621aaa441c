import { Fragment, useMemo, type ReactNode } from 'react'
import MarkdownIt, { type Token } from 'markdown-it'
import styles from './markdown.module.css'
import { safeLink } from './safe-link.ts'

const reader = new MarkdownIt({ html: false, breaks: true, linkify: true })
// `train.py` is a file and no host
reader.linkify.set({ fuzzyLink: false, fuzzyEmail: false })

/**
 * A note as its writer meant it. Nothing of it becomes HTML but the elements below, made one by one: HTML in it is shown as it is
 * written, links lead where `safeLink` lets them, and an image is its name with a link, as fetching it would tell its host who reads.
 */
export function Markdown({ text }: { text: string }) {
  const tokens = useMemo(() => reader.parse(text, {}), [text])
  return <div className={styles.markdown}>{tokens.length > mostTokens ? <pre>{text}</pre> : all(nested(tokens))}</div>
}

/** Rows of a table are filled up to the width of its head: a short text can stand for tens of thousands of cells. */
const mostTokens = 20_000

type Node = { token: Token; children: Node[] }

/** The reader's flat list as a tree; it nests no deeper than 100. */
function nested(tokens: Token[]): Node[] {
  const open: Node[][] = [[]]
  for (const token of tokens) {
    if (token.nesting < 0) {
      open.pop()
      continue
    }
    const node = { token, children: nested(token.children ?? []) }
    open.at(-1)!.push(node)
    if (token.nesting > 0) open.push(node.children)
  }
  return open[0]!
}

const all = (nodes: Node[]) => nodes.map((node, at) => <Fragment key={at}>{shown(node)}</Fragment>)

/** Elements without an attribute. The page has its own headings above: a note's are below them, all of one size. */
const plain = {
  paragraph_open: 'p',
  heading_open: 'h4',
  blockquote_open: 'blockquote',
  bullet_list_open: 'ul',
  list_item_open: 'li',
  thead_open: 'thead',
  tbody_open: 'tbody',
  tr_open: 'tr',
  th_open: 'th',
  td_open: 'td',
  strong_open: 'strong',
  em_open: 'em',
  s_open: 'del',
} as const
const isPlain = (type: string): type is keyof typeof plain => Object.hasOwn(plain, type)

function shown({ token, children }: Node): ReactNode {
  const inner = all(children)
  if (isPlain(token.type)) {
    const Element = plain[token.type]
    // the paragraph of an item of a list whose items stand close
    return token.hidden ? inner : <Element>{inner}</Element>
  }
  switch (token.type) {
    case 'inline':
      return inner
    case 'softbreak':
    case 'hardbreak':
      return <br />
    case 'hr':
      return <hr />
    case 'code_inline':
      return <code>{token.content}</code>
    case 'fence':
    case 'code_block':
      return (
        <pre>
          <code>{token.content.replace(/\n$/, '')}</code>
        </pre>
      )
    case 'ordered_list_open':
      return <ol start={Number(token.attrGet('start') ?? 1)}>{inner}</ol>
    case 'table_open':
      return (
        <div className={styles.wide}>
          <table>{inner}</table>
        </div>
      )
    case 'link_open':
      return link(String(token.attrGet('href') ?? ''), inner)
    case 'image': {
      const address = String(token.attrGet('src') ?? '')
      return link(address, `image: ${token.content || address}`)
    }
    default:
      // text, and whatever a later version of the reader may know: as it is written
      return token.content
  }
}

function link(address: string, inner: ReactNode) {
  const leads = safeLink(address)
  if (leads === null)
    return (
      <>
        {inner} ({address})
      </>
    )
  return (
    <a className="link" href={leads} rel="noopener noreferrer nofollow ugc">
      {inner}
    </a>
  )
}
