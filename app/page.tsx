export default function Page() {
  return <h1>Sweeps</h1>
}
