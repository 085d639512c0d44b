/** Cuts a file into statements at `;`, but not inside strings, quoted names or comments. Comments are dropped. */
const PIECE = /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|--[^\n]*|\/\*[\s\S]*?\*\/|;|[^'"`\-/;]+|[-/]/g

export function splitStatements(text: string): readonly string[] {
  const statements: string[] = []
  let current = ''
  for (const piece of text.match(PIECE) ?? []) {
    if (piece === ';') {
      statements.push(current.trim())
      current = ''
    } else if (!piece.startsWith('--') && !piece.startsWith('/*')) current += piece
  }
  statements.push(current.trim())
  return statements.filter((statement) => statement !== '')
}
