/** The engine's parse tree of a statement, read from the text that EXPLAIN AST prints. */
import { ACCESS_DENIED, AnalystError } from './canonical-statement.ts'

export interface TreeNode {
  /** E.g. `SelectQuery`, `Function`, `TableIdentifier`. */
  readonly kind: string
  /** What follows the kind, without alias and count, e.g. the name of a function or table. */
  readonly detail: string
  readonly children: TreeNode[]
}

const COUNT = / \(children (\d+)\)$/
const ALIAS = / \(alias .*\)$/
const NODE = /^ *([A-Za-z]+(?:::[A-Za-z]+)?)(?: (.*))?$/

/**
 * Every line must have the printed form and every node as many children as it says, so that no name in the text can add
 * or hide a node. @throws AnalystError otherwise
 */
export function parseStatementTree(text: string): TreeNode {
  const lines = text.split('\n').filter((line) => line !== '')
  const open: { node: TreeNode; missing: number }[] = []
  let root: TreeNode | null = null
  for (const [i, line] of lines.entries()) {
    const count = COUNT.exec(line)
    const match = NODE.exec(line.replace(COUNT, '').replace(ALIAS, ''))
    const kind = match?.[1]
    if (match === null || kind === undefined) throw unreadable()
    const node: TreeNode = { kind, detail: match[2] ?? '', children: [] }
    // The engine prints the root and its children with the same indent or one more; counts tell which is whose.
    while (open.length > 0 && open.at(-1)?.missing === 0) open.pop()
    const parent = open.at(-1)
    if (parent === undefined) {
      if (i > 0) throw unreadable()
      root = node
    } else {
      parent.node.children.push(node)
      parent.missing -= 1
    }
    open.push({ node, missing: Number(count?.[1] ?? 0) })
  }
  if (root === null || open.some((entry) => entry.missing !== 0)) throw unreadable()
  return root
}

function unreadable(): AnalystError {
  return new AnalystError(ACCESS_DENIED, 'the statement could not be checked; use plain names and literals')
}
