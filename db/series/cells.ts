/** The buckets of a chart while they are being filled. */

export type Envelope = { steps: number[]; mean: number[]; minimum: number[]; maximum: number[]; points: number }

/**
 * Buckets being filled, each a cell of equal width in steps. In an ordered series what is added comes in step order and goes to
 * the cell of its first step; where one step goes on from what was added last, it stays in the same bucket.
 */
export class SeriesCells {
  readonly low: number
  readonly width: number
  readonly ordered: boolean
  private readonly last: number
  private readonly aligned: boolean
  private readonly index: Int32Array
  private current = -1
  private currentLast = -1
  readonly steps: number[] = []
  readonly cells: number[] = []
  readonly minimum: number[] = []
  readonly maximum: number[] = []
  readonly sum: number[] = []
  readonly valid: number[] = []
  points = 0

  /** `width` 0 gives every step a bucket of its own. `aligned`: a bucket of several values stands where its cell begins. */
  constructor(low: number, high: number, buckets: number, ordered: boolean, everyStep: boolean, aligned = false) {
    this.low = low
    this.ordered = ordered
    this.width = everyStep ? 0 : (high - low + 1) / buckets
    this.last = buckets - 1
    this.aligned = aligned && !everyStep
    this.index = new Int32Array(everyStep || ordered ? 0 : buckets).fill(-1)
  }

  cellOf(step: number): number {
    return this.width === 0 ? step : Math.min(this.last, Math.floor((step - this.low) / this.width))
  }

  /** Values from this step on go into one bucket up to before the step that this gives. */
  endOf(step: number): number {
    if (this.width === 0) return step + 1
    // a bucket of a level may go beyond its cell: what repeats its last step belongs to it, what follows does not
    if (this.ordered && step <= this.currentLast) return this.currentLast + 1
    const cell = this.cellOf(step)
    if (cell === this.last) return Infinity
    let end = Math.ceil(this.low + (cell + 1) * this.width)
    // as `cellOf` rounds
    while (this.cellOf(end) <= cell) end++
    while (end - 1 > step && this.cellOf(end - 1) > cell) end--
    return end
  }

  /** Whether what lies in these steps can go in as one. */
  takes(first: number, last: number): boolean {
    if (first === last) return true
    return this.ordered ? last - first <= this.width / 2 : this.width > 0 && this.cellOf(first) === this.cellOf(last)
  }

  add(first: number, last: number, points: number, valid: number, minimum: number, maximum: number, sum: number): void {
    this.points += points
    const at = this.bucket(first, last)
    if (first < this.steps[at]!) this.steps[at] = first
    if (minimum < this.minimum[at]!) this.minimum[at] = minimum
    if (maximum > this.maximum[at]!) this.maximum[at] = maximum
    this.sum[at]! += sum
    this.valid[at]! += valid
  }

  private bucket(first: number, last: number): number {
    const cell = this.cellOf(first)
    if (this.ordered) {
      if (this.current >= 0 && (this.cells[this.current] === cell || first <= this.currentLast)) {
        if (last > this.currentLast) this.currentLast = last
        return this.current
      }
      this.currentLast = last
      this.current = this.open(cell, first)
      return this.current
    }
    if (this.index[cell] === -1) this.index[cell] = this.open(cell, first)
    return this.index[cell]!
  }

  private open(cell: number, first: number): number {
    this.cells.push(cell)
    this.steps.push(first)
    this.minimum.push(Infinity)
    this.maximum.push(-Infinity)
    this.sum.push(0)
    return this.valid.push(0) - 1
  }

  envelope(): Envelope {
    const order = this.ordered
      ? null
      : this.steps.map((_, index) => index).sort((a, b) => this.steps[a]! - this.steps[b]!)
    const pick = (values: number[]): number[] => (order === null ? values : order.map((index) => values[index]!))
    const mean = this.sum.map((sum, index) => {
      const value = sum / this.valid[index]!
      if (value !== value && this.valid[index]! > 0) return value
      // a sum beyond the largest double would leave the envelope
      return this.valid[index] === 0 ? NaN : Math.min(this.maximum[index]!, Math.max(this.minimum[index]!, value))
    })
    const orNone = (values: number[]): number[] => values.map((value, index) => (this.valid[index] === 0 ? NaN : value))
    const placed = (step: number, index: number): number =>
      index === 0 || this.valid[index]! <= 1 ? step : Math.ceil(this.low + this.cells[index]! * this.width)
    return {
      steps: pick(this.aligned ? this.steps.map(placed) : this.steps),
      mean: pick(mean),
      minimum: pick(orNone(this.minimum)),
      maximum: pick(orNone(this.maximum)),
      points: this.points,
    }
  }
}
