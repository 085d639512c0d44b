/** What a total is made of, in one line. */
import type { Numbers } from '@ecomind/schemas'
import { type Metric, percent, quantityText } from './quantity.ts'

export function partsText(metric: Metric, totals: Numbers): string {
  if (totals.calls === 0) return 'no calls yet'
  switch (metric) {
    case 'kwh':
      return `${quantityText('kwh', totals.kwh / totals.calls)} per call`
    case 'water_l': {
      if (totals.water_l === 0) return 'none'
      const onsite = totals.water_l_onsite / totals.water_l
      return `${percent(onsite)} at the data centre, ${percent(1 - onsite)} at power plants`
    }
    case 'co2_kg': {
      if (totals.co2_kg === 0) return 'none'
      const use = totals.co2_kg_use / totals.co2_kg
      return `${percent(use)} electricity, ${percent(1 - use)} making the hardware`
    }
  }
}
