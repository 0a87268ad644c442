import assert from 'node:assert/strict';

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** `…` stands for anything within a line, and as a line of its own for any number of lines. */
function pattern(expected: string): RegExp {
  const lines = expected
    .trimEnd()
    .split('\n')
    .map((line) => (line.trim() === '…' ? '(?:.*\\n)*' : `${line.trimEnd().split('…').map(escaped).join('.*')}\\n`));
  return new RegExp(`^${lines.join('')}$`);
}

function tidy(text: string): string {
  const lines = text.split('\n').map((line) => line.trimEnd());
  return `${lines.join('\n').trim()}\n`;
}

/** @throws AssertionError that shows the difference, unless a block printed what its page says. */
export function assertOutput(printed: string, expected: string): void {
  if (pattern(expected).test(tidy(printed))) return;
  assert.equal(tidy(printed), tidy(expected), 'the block printed something else than its page says');
  assert.fail('the block printed something else than its page says');
}
