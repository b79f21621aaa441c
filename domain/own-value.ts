/**
 * What an object holds itself under a name that a person or a program chose (a benchmark, a metric, a part of a reward): never
 * what every object has from its prototype, such as `toString` and `constructor`.
 */
export function ownValue<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
