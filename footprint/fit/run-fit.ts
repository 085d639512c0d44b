/** From the files of the evidence to the files that the fit writes, without touching a disk. */
import { disclosedSizes } from './disclosed-size.ts'
import { readEvidence } from './evidence.ts'
import type { Fit } from './fit.ts'
import { fitRounded } from './fit-rounded.ts'
import { type Judgements, readJudgements } from './judgements.ts'
import { renderClasses } from './render-classes.ts'
import { renderModels } from './render-models.ts'
import { type Before, makeReport, type Report } from './report.ts'
import { reportJson } from './report-json.ts'
import { withReport } from './report-markdown.ts'

export interface FitInputs {
  readonly evidence: readonly { readonly name: string; readonly content: unknown }[]
  readonly judgements: unknown
  /** Content of data/factors_defaults.yaml. */
  readonly defaults: unknown
  /** Contents of data/models.*.yaml. */
  readonly models: readonly unknown[]
  readonly before: Before
  /** Text of docs/methodology.md. */
  readonly page: string
}
export interface FitOutputs {
  readonly fit: Fit
  readonly given: Judgements
  readonly report: Report
  readonly classesYaml: string
  readonly modelsYaml: string
  readonly reportJson: string
  readonly page: string
}

export function runFit(inputs: FitInputs): FitOutputs {
  const evidence = readEvidence(inputs.evidence)
  const given = readJudgements(inputs.judgements, inputs.defaults)
  const fit = fitRounded(evidence.rows, given, disclosedSizes(inputs.models))
  const report = makeReport(evidence, given, fit, inputs.before)
  return {
    fit,
    given,
    report,
    classesYaml: renderClasses(fit, evidence.rows, given),
    modelsYaml: renderModels(fit, given),
    reportJson: reportJson(report, fit),
    page: withReport(inputs.page, report, fit, evidence.sources),
  }
}
