/** The mock API inside Vite's dev and preview servers. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Connect, Plugin } from 'vite'
import { createMockApi, type MockApi } from './handle-request.ts'

function middleware(api: MockApi) {
  return (request: IncomingMessage, response: ServerResponse, next: Connect.NextFunction): void => {
    api.handle(request, response).then((handled) => handled || next(), next)
  }
}

export function mockApi(): Plugin {
  return {
    name: 'ecomind-mock-api',
    configureServer(server) {
      server.middlewares.use(middleware(createMockApi()))
    },
    configurePreviewServer(server) {
      server.middlewares.use(middleware(createMockApi()))
    },
  }
}
