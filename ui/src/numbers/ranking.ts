/** A breakdown as a ranked list: largest first, with its share of the whole and its change. Pure. */
import type { UsageAnswer, UsageItem } from '@ecomind/schemas'
import type { GroupField } from '../view/group-fields.ts'
import { type Change, changeOf } from './change.ts'
import { type Metric, type RangeValue, rangeOf } from './quantity.ts'

export interface RankedRow {
  /** The value of the field; empty where the events carry none. */
  readonly value: string
  readonly range: RangeValue
  readonly calls: number
  /** Of the total's central value, 0 to 1. */
  readonly share: number
  /** null without comparison. */
  readonly change: Change | null
  /** Of calls no factor covers. */
  readonly unknownShare: number
}

function centralByValue(items: readonly UsageItem[], field: GroupField, metric: Metric): Map<string, number> {
  return new Map(items.map((item) => [item[field] ?? '', item[metric]]))
}

/** Rows that are tied keep the order of their names, so that a refresh never makes them jump. */
export function rankedRows(answer: UsageAnswer, field: GroupField, metric: Metric): RankedRow[] {
  const total = answer.totals[metric]
  const before = answer.compare === undefined ? null : centralByValue(answer.compare.items, field, metric)
  return answer.items
    .map((item) => {
      const value = item[field] ?? ''
      return {
        value,
        range: rangeOf(item, metric),
        calls: item.calls,
        share: total > 0 ? item[metric] / total : 0,
        change: before === null ? null : changeOf(item[metric], before.get(value) ?? 0),
        unknownShare: item.quality.unknown,
      }
    })
    .sort((a, b) => b.range.central - a.range.central || a.value.localeCompare(b.value))
}
