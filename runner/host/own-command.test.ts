import test from 'ava'
import { ownCommand, quietCommand } from './own-command.ts'

test('under npm, options stand after "--", and set-up is a script of its own', (t) => {
  t.is(ownCommand('check NAME... [-- OPTIONS]', undefined), 'npm run lab check NAME... [-- OPTIONS]')
  t.is(ownCommand('setup [-- --yes]', undefined), 'npm run setup [-- --yes]')
  t.is(ownCommand('', undefined), 'npm run lab')
  t.is(quietCommand('graph NAME', undefined), 'npm run -s lab graph NAME')
})

test('as a command of its own, options stand where they are', (t) => {
  t.is(ownCommand('check NAME... [-- OPTIONS]', 'npx wirelab'), 'npx wirelab check NAME... [OPTIONS]')
  t.is(ownCommand('mutate NAME -- --auto', 'wirelab'), 'wirelab mutate NAME --auto')
  t.is(ownCommand('setup [-- --yes]', 'wirelab'), 'wirelab setup [--yes]')
  t.is(quietCommand('graph NAME', 'wirelab'), 'wirelab graph NAME')
})

test('as a script of a repository of labs, all is after "--" again', (t) => {
  t.is(ownCommand('mutate NAME -- --auto', 'npm run lab'), 'npm run lab mutate NAME -- --auto')
  t.is(ownCommand('setup', 'npm run lab'), 'npm run lab setup')
})
