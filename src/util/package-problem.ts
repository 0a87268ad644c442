import { messageOf } from './thrown.js';

/** Why a package of one's own choice cannot be used, and what to do: "needs the package …", to go behind who needs it. */
export function packageProblem(name: string, error: unknown): string {
  const text = messageOf(error);
  // What Node, or whatever loads modules in its place, says of the package itself, not of a part of it.
  const isMissing = ['package', 'module'].some((what) => text.startsWith(`Cannot find ${what} '${name}'`));
  if (isMissing) return `needs the package ${name}: install it with \`npm install ${name}\``;
  // Its native part may be of another platform, or one that Node may not load.
  const cause = error instanceof Error && error.cause !== undefined ? ` (${firstLine(messageOf(error.cause))})` : '';
  return `needs the package ${name}, which is installed but could not be loaded: ${firstLine(text)}${cause}`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
