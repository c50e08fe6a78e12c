import test from 'ava'
import { whatLacks } from './lacks.ts'

const image = {
  kernel: { release: '6.1.0-42-cloud-amd64', modules: ['bridge', 'mpls_router'] },
  commands: ['birdc', 'ip'],
}

for (const [kernel, holds] of [
  ['>=6.1', true],
  ['>=6.12', false],
  ['>=6.1.1', false],
  ['>6.1', false],
  ['<=6.1', true],
  ['<6.12', true],
  ['<6', false],
  ['=6', true],
  ['>=5.10 <6.1', false],
  ['>=5.10 <6.2', true],
] as const)
  test(`a kernel 6.1 ${holds ? 'meets' : 'does not meet'} ${kernel}`, (t) => {
    const lack = whatLacks(image, [{ kernel }])
    t.is(lack, holds ? undefined : `its kernel is 6.1.0-42-cloud-amd64, not ${kernel}`)
  })

test('all that an image lacks is told, once', (t) => {
  const required = { modules: ['mpls-router', 'mpls_gso'], commands: ['ip', 'vtysh'] }
  t.is(whatLacks(image, [required, required]), 'it has no kernel module mpls_gso; it has no command vtysh')
})
