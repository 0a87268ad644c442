// A module of its own: in what is made CommonJS there is no `import.meta`, and no other module may fail for it.
const HERE = import.meta.url;

/** The file beside this one, as TypeScript or compiled. */
export const CHILD = new URL(HERE.endsWith('.ts') ? './remote-child.ts' : './remote-child.js', HERE);
