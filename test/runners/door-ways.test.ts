import { expect, test } from 'vitest';
import { type EngineFacts, waysOf } from '../../src/runners/door-ways.ts';

const HERE: EngineFacts = { place: 'here', socketless: false };

test.each([
  ['an engine here', 'auto', 'container', HERE, ['socket', 'network']],
  ['one whose sandboxes reached no socket', 'auto', 'container', { ...HERE, socketless: true }, ['network', 'socket']],
  ['one in a virtual machine', 'auto', 'container', { ...HERE, place: 'virtual' }, ['network', 'socket']],
  ['one on another machine', 'auto', 'container', { ...HERE, place: 'remote' }, ['network', 'socket']],
  ['what was asked for', 'socket', 'container', { ...HERE, place: 'virtual' }, ['socket']],
  ['what was asked for', 'network', 'container', HERE, ['network']],
  ['no engine', 'auto', 'bubblewrap', null, ['socket']],
  ['no engine', 'network', 'bubblewrap', null, ['socket']],
  ['plain processes', 'auto', 'process', null, ['port']],
  ['plain processes', 'network', 'process', null, ['port']],
] as const)('%s (%s, %s)', (_, choice, isolation, engine, ways) => {
  expect(waysOf(choice, isolation, engine)).toEqual(ways);
}); // prettier-ignore
