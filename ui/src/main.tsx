import { render } from 'solid-js/web'
import { App } from './app.tsx'
import './styles.css'

const root = document.getElementById('root')
if (root === null) throw new Error('Start the page: index.html has no element with id root')
render(() => <App />, root)
