/** For work whose log no test looks at. */
import pino from 'pino'

export const quietLogger = pino({ level: 'silent' })
