import test from 'ava'
import { noImage } from './fake-qemu.ts'
import { demandFit, savedQemu } from './saved-qemu.ts'
import { whatStateFits } from './template-folder.ts'

const shape = { image: noImage, accelerator: 'tcg', memoryMiB: 384, cpus: 1 } as const
const template = { nics: 0, memoryFile: 'm', memoryFrozenAtMs: 5, stateFile: 's', frozenAtMs: 7 }
const facts = { stoppedAtMs: 1, port: 1, places: {} }

test('a machine comes back where all is as it was, and else it is told what is not', async (t) => {
  const fits = await whatStateFits(noImage, shape)
  await demandFit(savedQemu('f', { ...facts, fits }), template, noImage, shape)
  for (const what of ['image', 'QEMU', 'accelerator', 'devices', 'processor'])
    await t.throwsAsync(
      demandFit(savedQemu('f', { ...facts, fits: { ...fits, [what]: 'other' } }), template, noImage, shape),
      { message: new RegExp(`its ${what} is other, and here`) },
    )
  await t.throwsAsync(demandFit(savedQemu('f', { ...facts, fits: {} }), template, noImage, shape))
})

test('what changed since a template comes back with that template alone', async (t) => {
  await demandFit(savedQemu('f', { ...facts, changedSinceMs: 5 }), template, noImage, shape)
  for (const other of [{ changedSinceMs: 6 }, {}])
    await t.throwsAsync(demandFit(savedQemu('f', { ...facts, ...other }), template, noImage, shape), {
      message: /made anew since/,
    })
  t.throws(() => savedQemu('f', { ...facts, port: '1' }), { message: /cannot read what is written down of f/ })
})
