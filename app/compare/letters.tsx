import styles from './compare.module.css'

/** A is in ink, B in the accent, as everywhere on the page; the others are told apart by lightness too. */
export const letterColours = [
  'var(--ink)',
  'var(--accent)',
  'light-dark(#b45309, #f0a34a)',
  'light-dark(#0b7a6b, #52d6bd)',
  'light-dark(#8f2463, #f29ac9)',
  'light-dark(#6b7700, #c3d64a)',
  'light-dark(#7a5bd0, #bba6f7)',
  'light-dark(#646b77, #8a92a0)',
]

/** The letter that stands for one of the compared: A filled, the others framed. */
export function Letter({ at }: { at: number }) {
  return (
    <span
      className={at === 0 ? styles.first : styles.letter}
      style={at === 0 ? undefined : { color: letterColours[at] }}
    >
      {String.fromCharCode(65 + at)}
    </span>
  )
}
