/** The HTTP engines that a test can have on this Node version: native where it loads, and the JavaScript engine everywhere. */
import { type EngineChoice, loadUws } from '../src/load-uws.ts'

interface TestEngine {
  readonly name: 'native' | 'javascript'
  readonly httpEngine: EngineChoice
}

export function testEngines(): TestEngine[] {
  const javascript: TestEngine = { name: 'javascript', httpEngine: { engine: 'javascript' } }
  const auto: EngineChoice = { engine: 'auto' }
  return loadUws(auto).name === 'native' ? [{ name: 'native', httpEngine: auto }, javascript] : [javascript]
}
