import test from 'ava'
import { nearestWord } from './nearest.ts'

test('a letter too few, too many, another or two swapped is near', (t) => {
  const words = ['ping', 'reachability', 'frames']
  for (const word of ['pin', 'pingg', 'pong', 'pnig']) t.is(nearestWord(word, words), 'ping')
  t.is(nearestWord('reachablity', words), 'reachability')
})

test('case does not count', (t) => {
  t.is(nearestWord('PING', ['ping']), 'ping')
})

test('the beginning of a word is near it', (t) => {
  t.is(nearestWord('macvlan', ['bridge-veth', 'macvlan-modes']), 'macvlan-modes')
})

test('a word that resembles none has no nearest', (t) => {
  t.is(nearestWord('switch', ['host', 'cont1']), undefined)
  t.is(nearestWord('x', []), undefined)
})
