/** Where a link in a note may lead: the web, mail, or a page here; null for anything else (`javascript:`, `data:`, `file:`). */
export function safeLink(href: string): string | null {
  // a browser drops control characters and blanks of an address before it reads its scheme
  const plain = [...href].filter((character) => character > ' ' && character !== '\u007f').join('')
  if (/^(https?:\/\/|mailto:)/i.test(plain)) return plain
  // two slashes, or one turned the other way, name a host
  return /^(\/(?![/\\])|#)/.test(plain) ? plain : null
}
