/** Symmetric positive definite matrices, as rows in one array. */

/**
 * Cholesky's factor L of a matrix, L Lᵀ, in the lower triangle of a new array; null where the matrix is not positive definite
 * to the precision of doubles.
 */
export function choleskyFactor(matrix: Float64Array, size: number): Float64Array | null {
  const factor = new Float64Array(size * size)
  for (let row = 0; row < size; row++) {
    const start = row * size
    for (let column = 0; column <= row; column++) {
      const other = column * size
      let sum = matrix[start + column]!
      for (let at = 0; at < column; at++) sum -= factor[start + at]! * factor[other + at]!
      if (column < row) factor[start + column] = sum / factor[other + column]!
      else if (sum > 1e-12) factor[start + row] = Math.sqrt(sum)
      else return null
    }
  }
  return factor
}

/** x of L x = right, in place. */
export function solveLower(factor: Float64Array, size: number, right: Float64Array): Float64Array {
  for (let row = 0; row < size; row++) {
    let sum = right[row]!
    for (let at = 0; at < row; at++) sum -= factor[row * size + at]! * right[at]!
    right[row] = sum / factor[row * size + row]!
  }
  return right
}

/** x of Lᵀ x = right, in place. */
export function solveUpper(factor: Float64Array, size: number, right: Float64Array): Float64Array {
  for (let row = size - 1; row >= 0; row--) {
    right[row] = right[row]! / factor[row * size + row]!
    for (let at = 0; at < row; at++) right[at]! -= factor[row * size + at]! * right[row]!
  }
  return right
}

/** The inverse of L Lᵀ. */
export function inverseOf(factor: Float64Array, size: number): Float64Array {
  // the inverse of L, then its transpose times itself
  const lower = new Float64Array(size * size)
  for (let column = 0; column < size; column++) {
    lower[column * size + column] = 1 / factor[column * size + column]!
    for (let row = column + 1; row < size; row++) {
      let sum = 0
      for (let at = column; at < row; at++) sum -= factor[row * size + at]! * lower[at * size + column]!
      lower[row * size + column] = sum / factor[row * size + row]!
    }
  }
  const inverse = new Float64Array(size * size)
  for (let at = 0; at < size; at++) {
    for (let row = 0; row <= at; row++) {
      const left = lower[at * size + row]!
      for (let column = 0; column <= row; column++) inverse[row * size + column]! += left * lower[at * size + column]!
    }
  }
  for (let row = 0; row < size; row++)
    for (let column = row + 1; column < size; column++) inverse[row * size + column] = inverse[column * size + row]!
  return inverse
}
