import { z } from 'zod'

/** A setting that is a whole number, given as text; outside its bounds the fault names them. */
export function wholeNumber(min: number, max: number, fallback: number) {
  const wanted = `a whole number from ${min} to ${max} is wanted`
  return z
    .string()
    .regex(/^\d{1,15}$/, { message: wanted })
    .transform(Number)
    .refine((n) => n >= min && n <= max, { message: wanted })
    .default(fallback)
}
