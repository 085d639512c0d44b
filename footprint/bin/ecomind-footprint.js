#!/usr/bin/env node
// The command inside the repository, from its TypeScript. What is published is built by publish/build.ts.
import { register } from 'tsx/esm/api'

register()
await import('../cli/main.ts')
