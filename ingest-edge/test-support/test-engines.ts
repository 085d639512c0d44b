/**
 * The HTTP engines that a test can have here: native where a build loads (EDGE_UWS_DIR names one, as for the edge), and
 * the JavaScript engine everywhere.
 */
import { type EngineChoice, loadUws } from '../src/load-uws.ts'

interface TestEngine {
  readonly name: 'native' | 'javascript'
  readonly httpEngine: EngineChoice
}

export function testEngines(): TestEngine[] {
  const javascript: TestEngine = { name: 'javascript', httpEngine: { engine: 'javascript' } }
  const auto: EngineChoice = { engine: 'auto', uwsDir: process.env['EDGE_UWS_DIR'] }
  return loadUws(auto).name === 'native' ? [{ name: 'native', httpEngine: auto }, javascript] : [javascript]
}
