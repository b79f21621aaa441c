import { Link } from './_shell/link.tsx'

export default function NotFound() {
  return (
    <div className="message">
      <h1>Nothing stands at this address</h1>
      <p>It may have been deleted, or the address has a letter too many.</p>
      <div className="actions">
        <Link className="btn" href="/">
          All sweeps
        </Link>
      </div>
    </div>
  )
}
